using System.Globalization;

namespace LiteVae.Tests.Latents;

/// <summary>Writes a small store whose moments are known: value i of the moments of the source s is s + i / 1000, negative for the mirrored image.</summary>
internal static class WrittenStore
{
    public const string Encoder = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    public static LiteVaeConfig Config { get; } = new() { Name = "tiny", LatentChannels = 2, ScalingFactor = 4, ShiftFactor = 0.5 };

    /// <summary>The moments of a source.</summary>
    public static float[] Moments(long source, int length) => [.. Enumerable.Range(0, length).Select(i => source + (i / 1000f))];

    /// <summary>Writes it; sources take turns over the sizes, and every seventh one has failed. Images are of 640 x 320, and their keys numbers, where nothing else is said.</summary>
    public static string Write(
        string folder, int sources = 20, int shardSize = 6, SafetensorsType type = SafetensorsType.F32, bool flip = false, Func<int, string>? key = null, Func<int, ImageSize>? image = null, params ImageSize[] sizes)
    {
        key ??= Key;
        image ??= _ => new ImageSize(640, 320);
        sizes = sizes.Length > 0 ? sizes : [new ImageSize(32, 16)];
        var paths = new StorePaths(folder);
        Directory.CreateDirectory(paths.Root);
        var settings = new StoreSettings(Encoder, Config.Name, Config, type, flip, sizes, StoreSettings.ThisPreprocessing, ["/photos"], "columns", shardSize);
        var lines = Enumerable.Range(0, sources).Select(s => StoreJson.Line(Source(key(s)))).ToList();
        var list = lines.SelectMany(line => line).ToArray();
        var parts = ((sources - 1) / shardSize) + 1;
        long[] offsets = [.. Enumerable.Range(0, parts).Select(part => (long)lines.Take(part * shardSize).Sum(line => line.Length)), list.Length];
        var plan = StoreJson.File(new StorePlan(StorePlan.CurrentFormat, settings, sources, parts, Sha256Text.Of(list), offsets));
        File.WriteAllBytes(paths.Plan, plan);
        File.WriteAllBytes(paths.Sources(Sha256Text.Of(list)), list);

        for (var part = 0; part < parts; part++)
        {
            using var writer = new PartWriter(paths, StorePlan.Read(paths.Plan).Plan, Sha256Text.Of(plan), part);
            for (var i = 0; i < Math.Min(shardSize, sources - (part * shardSize)); i++)
            {
                var s = (part * shardSize) + i;
                Add(writer, settings, i, s, Source(key(s)), image(s));
            }

            writer.Commit(CancellationToken.None);
        }

        StoreCompletion.Write(paths, StorePlan.Read(paths.Plan).Plan, Sha256Text.Of(plan));
        return folder;
    }

    public static string Key(int source) => source.ToString("D4", CultureInfo.InvariantCulture) + ".jpg";

    /// <summary>The sources that have not failed, in the order of the store's images.</summary>
    public static IEnumerable<int> Encoded(int sources, int shardSize, int sizes = 1) =>
        from part in Enumerable.Range(0, sources).Where(s => s % 7 != 6).GroupBy(s => s / shardSize)
        from size in Enumerable.Range(0, sizes)
        from s in part.Where(s => s % sizes == size)
        select s;

    private static SourceRecord Source(string key) => new(key, $"/photos/{key}");

    private static void Add(PartWriter writer, StoreSettings settings, int index, int s, SourceRecord source, ImageSize image)
    {
        if (s % 7 == 6)
        {
            writer.Fail(index, source, "not an image");
            return;
        }

        var size = s % settings.Sizes.Count;
        var (channels, height, width) = settings.MomentsShape(settings.Sizes[size]);
        var moments = Moments(s, channels * height * width);
        var posterior = new Posterior(2, channels / 2, height, width, [.. moments, .. moments.Select(value => -value)]);
        var row = new LatentRow(
            source.Key, source.Path, Sha256Text.Of([(byte)s]), image.Width, image.Height, 0, 0, image.Width, image.Height, 0, s % 2 == 0 ? "even" : null, s == 3 ? "a caption" : null);
        Assert.Null(writer.Add(index, new LoadedSource(source, size, null, row, null), posterior, 0, settings.Flip ? 1 : null));
    }
}
