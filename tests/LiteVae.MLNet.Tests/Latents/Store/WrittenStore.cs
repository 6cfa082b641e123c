using System.Globalization;
using System.Security.Cryptography;

namespace LiteVae.Tests.Latents;

/// <summary>Writes a small store whose moments are known: value i of the moments of the source s is s + i / 1000, negative for the mirrored image.</summary>
internal static class WrittenStore
{
    public const string Encoder = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    public static LiteVaeConfig Config { get; } = new() { Name = "tiny", LatentChannels = 2, ScalingFactor = 4, ShiftFactor = 0.5 };

    /// <summary>The moments of a source.</summary>
    public static float[] Moments(long source, int length) => [.. Enumerable.Range(0, length).Select(i => source + (i / 1000f))];

    /// <summary>Writes it; sources take turns over the sizes, and every seventh one has failed.</summary>
    public static string Write(string folder, int sources = 20, int shardSize = 6, SafetensorsType type = SafetensorsType.F32, bool flip = false, params ImageSize[] sizes)
    {
        sizes = sizes.Length > 0 ? sizes : [new ImageSize(32, 16)];
        var paths = new StorePaths(folder);
        Directory.CreateDirectory(paths.Shards);
        var settings = new StoreSettings(Encoder, Config.Name, Config, type, flip, sizes, StoreSettings.ThisPreprocessing, ["/photos"], "columns", shardSize);
        var lines = Enumerable.Range(0, sources).Select(s => StoreJson.Line(new SourceRecord(Key(s), $"/photos/{Key(s)}"))).ToList();
        var list = lines.SelectMany(line => line).ToArray();
        var parts = ((sources - 1) / shardSize) + 1;
        long[] offsets = [.. Enumerable.Range(0, parts).Select(part => (long)lines.Take(part * shardSize).Sum(line => line.Length)), list.Length];
        var plan = StoreJson.File(new StorePlan(StorePlan.CurrentFormat, settings, sources, parts, Sha256Text.Of(list), offsets));
        File.WriteAllBytes(paths.Plan, plan);
        File.WriteAllBytes(paths.Sources(Sha256Text.Of(list)), list);

        var manifests = Enumerable.Range(0, parts).Select(part => Part(paths, settings, Sha256Text.Of(plan), part, sources)).ToList();
        var shards = manifests.SelectMany(manifest => manifest.Shards).ToList();
        File.WriteAllBytes(paths.Dataset, StoreJson.File(new DatasetSummary(
            DatasetSummary.CurrentFormat, settings, Sha256Text.Of(plan), Sha256Text.Of(list), Sha256Text.Of([.. manifests.SelectMany(StoreJson.File)]), sources, shards.Sum(shard => shard.Rows),
            manifests.Sum(manifest => manifest.Failures.Count), parts, shards.Count, manifests.Sum(manifest => manifest.Bytes()), new DatasetScaling(Config.ScalingFactor, Config.ShiftFactor, Applied: false),
            [.. ChannelSums.MergeInPairs(manifests.Select(manifest => manifest.Channels)).Select(DatasetChannel.Of)])));
        return folder;
    }

    /// <summary>Writes the table of failures of a store of 20 sources.</summary>
    public static void WriteFailures(string folder) => AtomicFile.Write(new StorePaths(folder).Failures, stream =>
        FailureTable.Write(stream, Enumerable.Range(0, 20).Where(s => s % 7 == 6).Select(s => new LatentFailure(Key(s), $"/photos/{Key(s)}", "not an image"))));

    public static string Key(int source) => source.ToString("D4", CultureInfo.InvariantCulture) + ".jpg";

    /// <summary>The sources that have not failed, in the order of the store's images.</summary>
    public static IEnumerable<int> Encoded(int sources, int shardSize, int sizes = 1) =>
        from part in Enumerable.Range(0, sources).Where(s => s % 7 != 6).GroupBy(s => s / shardSize)
        from size in Enumerable.Range(0, sizes)
        from s in part.Where(s => s % sizes == size)
        select s;

    private static ShardManifest Part(StorePaths paths, StoreSettings settings, string planSha256, int part, int sources)
    {
        var own = Enumerable.Range(part * settings.ShardSize, Math.Min(settings.ShardSize, sources - (part * settings.ShardSize))).ToList();
        var sums = new List<IReadOnlyList<ChannelSums>>();
        var shards = new List<ShardEntry>();
        for (var i = 0; i < settings.Sizes.Count; i++)
        {
            var encoded = own.Where(s => s % 7 != 6 && s % settings.Sizes.Count == i).ToList();
            if (encoded.Count > 0)
            {
                shards.Add(Shard(paths, settings, part, settings.Sizes[i], encoded, sums));
            }
        }

        var failures = own.Where(s => s % 7 == 6).Select(s => new LatentFailure(Key(s), $"/photos/{Key(s)}", "not an image")).ToList();
        var manifest = new ShardManifest(ShardManifest.CurrentFormat, part, planSha256, shards, failures, ChannelSums.MergeInPairs(sums));
        File.WriteAllBytes(paths.Manifest(part), StoreJson.File(manifest));
        return manifest;
    }

    private static ShardEntry Shard(StorePaths paths, StoreSettings settings, int part, ImageSize size, List<int> encoded, List<IReadOnlyList<ChannelSums>> sums)
    {
        var (channels, height, width) = settings.MomentsShape(size);
        var length = channels * height * width;
        long[] shape = [encoded.Count, channels, height, width];
        var tensors = new List<SafetensorsTensor> { Tensor(LatentShard.Moments, 1) };
        if (settings.Flip)
        {
            tensors.Add(Tensor(LatentShard.FlippedMoments, -1));
        }

        var name = settings.ShardName(part, size);
        SafetensorsWriter.Write(paths.Shard(name + StorePaths.TensorsExtension), tensors, new Dictionary<string, string>
        {
            [LatentShard.FormatNote] = LatentShard.Format, [LatentShard.EncoderNote] = Encoder, [LatentShard.PartNote] = $"{part}",
        });
        AtomicFile.Write(paths.Shard(name + StorePaths.RowsExtension), stream => RowTable.Write(stream, encoded.Select((s, row) =>
            new LatentRow(Key(s), $"/photos/{Key(s)}", Sha256Text.Of([(byte)s]), 640, 320, 0, 0, 640, 320, row, s % 2 == 0 ? "even" : null, s == 3 ? "a caption" : null))));
        sums.AddRange(encoded.Select(s => ChannelSums.OfChannels(Moments(s, length), channels)));
        return new ShardEntry(size, shape, encoded.Count, FileOf(name + StorePaths.TensorsExtension), FileOf(name + StorePaths.RowsExtension));

        SafetensorsTensor Tensor(string tensor, int sign)
        {
            var bytes = new byte[encoded.Count * length * settings.Dtype.Size()];
            _ = MomentsType.Round(encoded.SelectMany(s => Moments(s, length)).Select(value => sign * value).ToArray(), settings.Dtype, bytes);
            return new SafetensorsTensor(tensor, settings.Dtype, shape, bytes);
        }

        ShardFile FileOf(string file)
        {
            var bytes = File.ReadAllBytes(paths.Shard(file));
            return new ShardFile(file, bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        }
    }
}
