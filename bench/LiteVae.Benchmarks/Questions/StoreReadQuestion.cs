using System.Diagnostics;
using LiteVae.Training;

namespace LiteVae.Benchmarks.Questions;

/// <summary>How fast do latents come out of a store?</summary>
internal static class StoreReadQuestion
{
    private const int Sources = 50_000;
    private const int Side = 64; // an encoder that is done soon: what is asked for is not its speed

    public static void Answer(Settings settings, Report report)
    {
        using var model = LiteVaeModel.Load(settings.Model);
        using var photos = new SamplePhotos(Side, Side);
        var root = Directory.CreateTempSubdirectory("litevae-bench-").FullName;
        try
        {
            var list = Path.Combine(root, "sources.csv");
            File.WriteAllLines(list, ["path,key", .. photos.Cycle(Sources).Select((path, i) => $"{path},{i:D6}")]);
            var options = new EncodeJobOptions { Inputs = [list], Store = Path.Combine(root, "store"), Sizes = [new ImageSize(Side, Side)], BatchSize = 64 };
            new EncodeJob(model, options).Run();

            using var store = LatentStore.Open(options.Store);
            var bytes = Directory.EnumerateFiles(Path.Combine(options.Store, "shards"), "*.safetensors").Sum(path => new FileInfo(path).Length);
            List<string[]> rows = [.. Enum.GetValues<LatentOutput>().Select(Row)];
            report.Section(
                "Reading a store",
                $"`LatentBatches` of 256 over a store of {Sources} images, fp16, {bytes / 1e6:0} MB in the page cache, its hashes checked before; the goal is 1 GB/s. The bytes are those of the files.");
            report.Table(["batches of", ">GB/s", ">images/s"], rows);

            string[] Row(LatentOutput output)
            {
                var batches = new LatentBatches(store, new LatentBatchOptions { BatchSize = 256, Output = output, Scaled = output != LatentOutput.Moments });
                Pass(0);
                double[] seconds = [.. Enumerable.Range(1, settings.Rounds).Select(epoch => Seconds(() => Pass(epoch)))];
                var median = PairedTiming.Median(seconds);
                return [$"{output}", Cells.Number(bytes / median / 1e9, 2), Cells.Number(store.Count / median, 0)];

                void Pass(long epoch)
                {
                    foreach (var batch in batches.Epoch(epoch))
                    {
                        batch.Latents.Dispose();
                    }
                }
            }
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static double Seconds(Action action)
    {
        var clock = Stopwatch.StartNew();
        action();
        return clock.Elapsed.TotalSeconds;
    }
}
