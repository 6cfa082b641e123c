using System.Globalization;

namespace LiteVae.Benchmarks;

/// <summary>
/// A store that the product's own code plans and writes part by part, with noise in place of what an encoder says: the same files, and no waiting for a model.
/// </summary>
internal sealed class SyntheticStore
{
    private const int Images = 16; // that differ
    private const int Width = 1024;
    private const int Height = 768;

    private readonly StorePaths _paths;
    private readonly StorePlan _plan;
    private readonly string _planSha256;
    private readonly Posterior _noise;

    /// <summary>A store that is planned.</summary>
    /// <param name="folder">Its folder; all of its images are of one size.</param>
    public SyntheticStore(string folder)
    {
        _paths = new StorePaths(folder);
        (_plan, _planSha256) = StorePlan.Read(_paths.Plan);
        Directory.CreateDirectory(_paths.Shards);
        var (channels, height, width) = _plan.Settings.MomentsShape(_plan.Settings.Sizes[0]);
        _noise = Noise(channels / 2, height, width);
    }

    /// <summary>Plans a store of images that are not there.</summary>
    /// <param name="folder">The store; the list that names its sources lies beside it.</param>
    /// <param name="sources">How many.</param>
    /// <param name="model">Whose store it would be.</param>
    /// <param name="side">Width and height in pixels.</param>
    /// <param name="shardSize">Sources of a part.</param>
    public static SyntheticStore Plan(string folder, int sources, LiteVaeModel model, int side, int shardSize)
    {
        Directory.CreateDirectory(folder);
        var list = $"{folder}.csv";
        List(list, sources);
        StorePlanner.Plan(new StorePaths(folder), Settings(model, side, shardSize, list), LabelSource.Columns, null, CancellationToken.None);
        return new SyntheticStore(folder);
    }

    /// <summary>Settings as <c>litevae encode</c> has them by default.</summary>
    public static StoreSettings Settings(LiteVaeModel model, int side, int shardSize, params string[] inputs) =>
        new EncodeJobOptions { Inputs = inputs, Store = "store", Sizes = [new ImageSize(side, side)], ShardSize = shardSize }.Settings(model, StoreSettings.ThisPreprocessing, inputs);

    /// <summary>A source with names as long as those of large collections.</summary>
    public static SourceRecord Source(long number)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"part-{number / 10_000:D5}/{number:D12}.jpg");
        return new SourceRecord(key, $"/mnt/datasets/photos-2026/images/{key}");
    }

    /// <summary>A table of paths and keys, in no order.</summary>
    public static void List(string file, int sources)
    {
        const long Step = 611_953; // a prime: all are met
        File.WriteAllLines(file, ["path,key", .. Enumerable.Range(0, sources).Select(i => Source(i * Step % sources)).Select(source => $"{source.Path},{source.Key}")]);
    }

    /// <summary>Writes a part.</summary>
    /// <param name="part">Which.</param>
    /// <param name="fails">Which of its sources have failed; null for none.</param>
    public void Write(int part, Func<int, bool>? fails = null)
    {
        using var writer = new PartWriter(_paths, _plan, _planSha256, part);
        foreach (var (index, source) in SourceList.Read(_paths, _plan, part).Index())
        {
            if (fails?.Invoke(index) == true)
            {
                writer.Fail(index, source, SourceLoading.Load(source, _plan.Settings).Reason!); // it is not there
                continue;
            }

            var hash = Sha256Text.Of(System.Text.Encoding.UTF8.GetBytes(source.Key));
            var row = new LatentRow(source.Key, source.Name(), hash, Width, Height, (Width - Height) / 2.0, 0, Height, Height, 0, null, null);
            _ = writer.Add(index, new LoadedSource(source, 0, null, row, null), _noise, index % Images, null);
        }

        writer.Commit(CancellationToken.None);
    }

    /// <summary>Writes all parts and the summary.</summary>
    /// <param name="fails">Which of each part's sources have failed; null for none.</param>
    public SyntheticStore Fill(Func<int, bool>? fails = null)
    {
        for (var part = 0; part < _plan.Parts; part++)
        {
            Write(part, fails);
        }

        StoreCompletion.Write(_paths, _plan, _planSha256, CancellationToken.None);
        return this;
    }

    private static Posterior Noise(int channels, int height, int width)
    {
        var random = new CounterRandom(0, 0);
        var length = channels * height * width;
        var moments = new float[Images * 2 * length];
        for (var i = 0; i < moments.Length; i++)
        {
            var uniform = (float)(random.NextBits() >> 40) / (1 << 24);
            moments[i] = i / length % 2 == 0 ? (4 * uniform) - 2 : -8 * uniform; // means, and log variances
        }

        return new Posterior(Images, channels, height, width, moments);
    }
}
