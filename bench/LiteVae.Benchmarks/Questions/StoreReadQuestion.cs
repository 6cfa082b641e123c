using System.Diagnostics;
using LiteVae.Training;
using TorchSharp;

namespace LiteVae.Benchmarks.Questions;

/// <summary>How fast do latents come out of a store?</summary>
internal static class StoreReadQuestion
{
    private const int Batch = 256;
    private const int WarmingUp = 3;

    private static readonly (int Side, int Images, int ShardSize)[] Stores = [(64, 50_000, 4096), (256, 8192, 512)];

    public static void Answer(Settings settings, Report report)
    {
        using var model = LiteVaeModel.Load(settings.Model);
        var root = Directory.CreateTempSubdirectory("litevae-bench-").FullName;
        try
        {
            List<string[]> rows = [.. Stores.SelectMany(store => Rows(store.Side, store.Images, store.ShardSize))];
            report.Section(
                "Reading a store",
                $"`LatentBatches` of {Batch} on the CPU, libtorch's threads: {settings.TrainingThreads}, over stores of f16 moments of noise in the page cache, hashes checked before. "
                + "The bytes are those of all moments in the files, means and log variances, whatever of them a batch needs; a batch is f32. The goal is 1 GB/s.");
            report.Table([">pixels", ">MB", "what", ">GB/s", ">best round, GB/s", ">images/s"], rows);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }

        List<string[]> Rows(int side, int images, int shardSize)
        {
            var folder = Path.Combine(root, $"store-{side}");
            SyntheticStore.Plan(folder, images, model, side, shardSize).Fill();
            using var store = LatentStore.Open(folder);
            var bytes = store.Index.Shards.Sum(shard => shard.Entry.Tensors.Bytes);
            List<(string What, Func<long, double> Pass)> ways =
            [
                .. Enum.GetValues<LatentOutput>().Select(output => ($"batches of {output}", Batches(output))),
                ("for comparison: `torch.randn` of as many numbers as samples take", _ => Noise(store, side)),
                ("one image after another: `LatentStore.Read`", epoch => Pass(store, epoch)),
            ];

            // all by turns, so that none has the machine's good or bad minute alone; the first rounds are for the compiler
            var seconds = ways.Select(_ => new List<double>()).ToList();
            for (var round = -WarmingUp; round < settings.Rounds; round++)
            {
                foreach (var (way, times) in ways.Zip(seconds))
                {
                    var time = way.Pass(round + WarmingUp);
                    times.AddRange(round < 0 ? [] : [time]);
                }
            }

            return [.. ways.Zip(seconds, (way, times) => Row(way.What, [.. times]))];

            Func<long, double> Batches(LatentOutput output)
            {
                var batches = new LatentBatches(store, new LatentBatchOptions { BatchSize = Batch, Output = output, Scaled = output != LatentOutput.Moments });
                torch.set_num_threads(settings.TrainingThreads); // now that libtorch is loaded
                return epoch => Pass(batches, epoch);
            }

            string[] Row(string what, double[] times)
            {
                var (median, best) = (PairedTiming.Median(times), times.Min());
                return [$"{side}", Cells.Megabytes(bytes, 0), what, Rate(bytes / median), Rate(bytes / best), Cells.Number(images / median, 0)];
            }

            static string Rate(double bytes) => Cells.Number(bytes / 1e9, 2);
        }
    }

    private static double Pass(LatentBatches batches, long epoch)
    {
        var clock = Stopwatch.StartNew();
        foreach (var batch in batches.Epoch(epoch))
        {
            batch.Latents.Dispose();
        }

        return clock.Elapsed.TotalSeconds;
    }

    /// <summary>As many normal numbers as the samples of all images take, on one thread.</summary>
    private static double Noise(LatentStore store, int side)
    {
        var (channels, height, width) = store.Index.Dataset.Settings.MomentsShape(new ImageSize(side, side));
        var clock = Stopwatch.StartNew();
        for (var image = 0L; image < store.Count; image += Batch)
        {
            torch.randn([Math.Min(Batch, store.Count - image), channels / 2, height, width]).Dispose();
        }

        return clock.Elapsed.TotalSeconds;
    }

    private static double Pass(LatentStore store, long epoch)
    {
        var clock = Stopwatch.StartNew();
        foreach (var image in store.Shuffled(0, epoch))
        {
            _ = store.Read(image);
        }

        return clock.Elapsed.TotalSeconds;
    }
}
