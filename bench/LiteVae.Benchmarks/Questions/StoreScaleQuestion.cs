using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace LiteVae.Benchmarks.Questions;

/// <summary>What would a store of a hundred million images be, made by a thousand tasks?</summary>
/// <remarks>Sizes and times are measured on a store of as many parts as fit into a minute, one image each, and multiplied.</remarks>
internal static class StoreScaleQuestion
{
    private const long Images = 100_000_000;
    private const int Tasks = 1_000;
    private const int ShardSize = 4096;
    private const int Parts = (int)((Images - 1) / ShardSize) + 1;
    private const int SmallParts = 2_000;
    private const int Side = 64;
    private const int HashBytes = 1 << 28;

    // As long as paths of such collections are; the tables of the small store hold them too.
    private const string PathPattern = "/data/collection/images-2048/train/{0:D5}/{1:D9}.jpg";

    public static void Answer(Settings settings, Report report)
    {
        using var model = LiteVaeModel.Load(settings.Model);
        using var photos = new SamplePhotos(Side, Side);
        var root = Directory.CreateTempSubdirectory("litevae-bench-").FullName;
        try
        {
            // a small store: a part for each image
            var list = Path.Combine(root, "sources.csv");
            File.WriteAllLines(list, ["path,key", .. photos.Cycle(SmallParts).Select((path, i) => $"{path},{Key(i)}")]);
            var options = new EncodeJobOptions { Inputs = [list], Store = Path.Combine(root, "store"), Sizes = [new ImageSize(Side, Side)], ShardSize = 1 };
            new EncodeJob(model, options).Run();
            var manifest = Directory.GetFiles(Path.Combine(options.Store, "shards"), "*.json").Average(path => new FileInfo(path).Length);
            var planOfPart = (Length("plan.json") - 3000.0) / SmallParts; // about 3,000 bytes of it do not depend on their number
            var line = (double)Length("sources-*.jsonl") / SmallParts + string.Format(CultureInfo.InvariantCulture, PathPattern, 0, 0).Length - photos.Paths.Average(path => path.Length);
            var open = Seconds(() => LatentStore.Open(options.Store).Dispose()) / SmallParts;

            // a plan of many sources
            const int planned = 200_000;
            var many = Path.Combine(root, "many.csv");
            File.WriteAllLines(many, ["path,key", .. photos.Cycle(planned).Select((path, i) => $"{path},{Key(planned - i)}")]);
            var plan = Seconds(() => new EncodeJob(model, options with { Inputs = [many], Store = Path.Combine(root, "many"), ShardSize = ShardSize }).Plan()) / planned;

            // hashing, one core
            var data = new byte[HashBytes];
            SHA256.HashData(data);
            var hash = HashBytes / Seconds(() => SHA256.HashData(data));

            var factor = model.Config.DownsamplingFactor;
            var imageBytes = 2L * 2 * model.Config.LatentChannels * (Settings.Side / factor) * (Settings.Side / factor);
            var bytes = (double)imageBytes * Images;
            const double week = 7 * 24 * 3600;
            report.Section(
                $"{Images / 1_000_000:N0} million images by {Tasks:N0} tasks".Replace(",", " ", StringComparison.Ordinal),
                $"At {Settings.Side} x {Settings.Side} by {model.Config.Name}, fp16, {ShardSize} images a part. Sizes and times are of a store of {SmallParts} parts and of a plan of {planned} sources, multiplied; nothing of this size was made. "
                + "Planning happens once (`--plan-only`), opening at every start of a reader, verification when it is asked for.");
            report.Table(
                ["", ">"],
                [
                    ["parts; of a task", $"{Parts}; {Cells.Number((double)Parts / Tasks, 1)}"],
                    ["files", $"{3 * Parts + 4}"],
                    ["a shard, MB", Cells.Megabytes((double)imageBytes * ShardSize)],
                    ["all shards, TB", Cells.Number(bytes / 1e12, 2)],
                    ["a manifest without failures, KB", Cells.Number(manifest / 1e3, 1)],
                    ["all manifests, MB", Cells.Megabytes(manifest * Parts)],
                    ["plan.json, MB", Cells.Megabytes(planOfPart * Parts)],
                    [$"list of sources, GB ({Cells.Number(line, 0)} bytes a line)", Cells.Number(line * Images / 1e9, 1)],
                    [$"planning, minutes ({Cells.Number(plan * 1e6, 1)} microseconds a source of a table; a search of folders takes the file system's time beside it)", Cells.Number(plan * Images / 60, 0)],
                    ["opening the finished store, seconds", Cells.Number(open * Parts, 1)],
                    [$"verification, hours on one core ({Cells.Number(hash / 1e9, 2)} GB/s from memory)", Cells.Number(bytes / hash / 3600, 1)],
                    ["verification, hours on 64 cores whose disk follows", Cells.Number(bytes / hash / 3600 / 64, 2)],
                    [$"images/s of a task, for all in a week", Cells.Number(Images / (double)Tasks / week, 2)],
                ]);

            long Length(string pattern) => new FileInfo(Directory.GetFiles(options.Store, pattern).Single()).Length;
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static string Key(int image) => string.Create(CultureInfo.InvariantCulture, $"{image / 10_000:D5}/{image:D9}.jpg");

    private static double Seconds(Action action)
    {
        var clock = Stopwatch.StartNew();
        action();
        return clock.Elapsed.TotalSeconds;
    }
}
