using System.Globalization;

namespace LiteVae;

/// <summary>Writes one part: rows go to files without a name as they come, so that memory is bounded, and become shards when all are there.</summary>
/// <remarks>Not thread-safe. Whatever is not committed leaves no trace.</remarks>
/// <param name="paths">The store's files.</param>
/// <param name="plan">Its plan.</param>
/// <param name="planSha256">The plan's hash.</param>
/// <param name="part">The part.</param>
/// <param name="replaces">Whether the part is complete already, and this takes the place of what is there.</param>
internal sealed class PartWriter(StorePaths paths, StorePlan plan, string planSha256, int part, bool replaces = false) : IDisposable
{
    private const int CopyBytes = 1 << 20;

    private readonly StoreSettings _settings = plan.Settings;
    private readonly SizeRows?[] _sizes = new SizeRows?[plan.Settings.Sizes.Count];
    private readonly SortedDictionary<int, LatentFailure> _failures = [];

    /// <summary>Adds an image.</summary>
    /// <param name="index">Its place among the sources of the part; those of one size come in their order.</param>
    /// <param name="loaded">The image.</param>
    /// <param name="posterior">What the encoder says of its batch.</param>
    /// <param name="at">Its place in the batch.</param>
    /// <param name="flippedAt">The mirrored image's place in the batch, or null.</param>
    /// <returns>Null, or the failure of an image whose moments do not fit the store.</returns>
    public LatentFailure? Add(int index, LoadedSource loaded, Posterior posterior, int at, int? flippedAt)
    {
        var rows = RowsOf(loaded.Size);
        if ((rows.Round(posterior, at, isFlipped: false) ?? (flippedAt is { } flipped ? rows.Round(posterior, flipped, isFlipped: true) : null)) is { } reason)
        {
            return Fail(index, loaded.Source, reason);
        }

        rows.Add(loaded.Row!);
        return null;
    }

    /// <summary>Adds an image whose moments are in a shard already.</summary>
    public void Keep(LoadedSource kept)
    {
        var rows = RowsOf(kept.Size);
        rows.Take(kept.Kept!.Value);
        rows.Add(kept.Row!);
    }

    /// <summary>Adds a source that could not be encoded.</summary>
    public LatentFailure Fail(int index, SourceRecord source, string reason)
    {
        var failure = new LatentFailure(source.Key, source.Name(), reason);
        _failures.Add(index, failure);
        return failure;
    }

    /// <summary>Names the shards and then the manifest, which makes the part complete; or nothing, where another task has completed it meanwhile and this does not replace it.</summary>
    public void Commit(CancellationToken cancellation)
    {
        List<StagedFile> staged = [];
        try
        {
            List<ShardEntry> shards = [];
            foreach (var (size, rows) in _settings.Sizes.Zip(_sizes).Where(pair => pair.Second is { Count: > 0 }))
            {
                shards.Add(Stage(size, rows!, staged));
            }

            var names = shards.SelectMany(shard => new[] { shard.Tensors.Name, shard.Table.Name });
            var channels = ChannelSums.MergeInPairs(_sizes.Where(rows => rows is { Count: > 0 }).Select(rows => rows!.Channels));
            var manifest = StoreJson.File(new ShardManifest(ShardManifest.CurrentFormat, part, planSha256, shards, [.. _failures.Values], channels));
            using var right = StoreLock.Acquire(paths, cancellation);
            if (replaces)
            {
                PartReplacement.Commit(paths, part, staged.Zip(names), manifest);
            }
            else if (!File.Exists(paths.Manifest(part))) // complete, its files stay as they are: a task that came second may have failed on other sources
            {
                foreach (var (file, name) in staged.Zip(names))
                {
                    file.MoveTo(paths.Shard(name));
                }

                AtomicFile.WriteAllBytes(paths.Manifest(part), manifest);
            }
        }
        finally
        {
            staged.ForEach(file => file.Dispose());
        }
    }

    /// <summary>Removes the files without a name.</summary>
    public void Dispose()
    {
        foreach (var rows in _sizes)
        {
            rows?.Dispose();
        }
    }

    private SizeRows RowsOf(int size) => _sizes[size] ??= new SizeRows(paths.Shards, _settings, _settings.Sizes[size]);

    private ShardEntry Stage(ImageSize size, SizeRows rows, List<StagedFile> staged)
    {
        var name = _settings.ShardName(part, size);
        var (channels, height, width) = _settings.MomentsShape(size);
        long[] shape = [rows.Count, channels, height, width];
        var tensors = Stage(name + StorePaths.TensorsExtension, staged, stream => SafetensorsWriter.Write(
            stream,
            rows.Files.Select((file, i) => new StreamedTensor(i == 0 ? LatentShard.Moments : LatentShard.FlippedMoments, _settings.Dtype, shape, to => Copy(file, to))).ToList(),
            new Dictionary<string, string>
            {
                [LatentShard.FormatNote] = LatentShard.Format,
                [LatentShard.EncoderNote] = _settings.EncoderSha256,
                [LatentShard.PartNote] = part.ToString(CultureInfo.InvariantCulture),
            }));
        var table = Stage(name + StorePaths.RowsExtension, staged, stream => RowTable.Write(stream, rows.Rows));
        return new ShardEntry(size, shape, rows.Count, tensors, table);
    }

    private ShardFile Stage(string name, List<StagedFile> staged, Action<Stream> write)
    {
        var file = StagedFile.Create(paths.Shards);
        staged.Add(file);
        using var hashing = new HashingStream(file.Stream);
        write(hashing);
        file.Close();
        return new ShardFile(name, hashing.Length, hashing.Sha256());
    }

    private static void Copy(FileStream from, Stream to)
    {
        from.Position = 0;
        from.CopyTo(to, CopyBytes);
    }
}
