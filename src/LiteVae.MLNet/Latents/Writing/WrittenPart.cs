namespace LiteVae;

/// <summary>A complete part of a store, opened so that its rows can be taken over; every byte of it is checked first.</summary>
internal sealed class WrittenPart : IDisposable
{
    private readonly List<LatentShard> _shards = [];
    private readonly Dictionary<string, (int Size, LatentRow Row, LatentShard Shard)> _rows = new(StringComparer.Ordinal);

    private WrittenPart()
    {
    }

    /// <summary>Opens a part.</summary>
    /// <param name="paths">The store's files.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="manifest">The part's manifest.</param>
    /// <exception cref="InvalidDataException">A file of it is damaged.</exception>
    /// <exception cref="FileNotFoundException">A file of it is missing.</exception>
    public static WrittenPart Open(StorePaths paths, StoreSettings settings, ShardManifest manifest)
    {
        var part = new WrittenPart();
        try
        {
            foreach (var entry in manifest.Shards)
            {
                part.Add(paths, settings, entry);
            }

            return part;
        }
        catch
        {
            part.Dispose();
            throw;
        }
    }

    /// <summary>The row of a source, or null where it has none.</summary>
    public LoadedSource? Find(SourceRecord source) =>
        _rows.TryGetValue(source.Key, out var found) ? new LoadedSource(source, found.Size, null, found.Row, null, Kept: new StoredMoments(found.Shard, found.Row.Row)) : null;

    public void Dispose() => _shards.ForEach(shard => shard.Dispose());

    private void Add(StorePaths paths, StoreSettings settings, ShardEntry entry)
    {
        var path = paths.Shard(entry.Tensors.Name);
        var found = SourceList.Sha256Of(path);
        if (found != entry.Tensors.Sha256)
        {
            throw new InvalidDataException($"{path}: the file has the SHA-256 {found}; its manifest says {entry.Tensors.Sha256}: it is damaged, or was changed. `litevae latents verify` names all such files.");
        }

        var shard = LatentShard.Open(path, settings);
        _shards.Add(shard);
        var size = settings.IndexOf(entry.Size);
        foreach (var row in shard.ReadRows(entry.Table.Sha256))
        {
            _rows.Add(row.Key, (size, row, shard));
        }
    }
}
