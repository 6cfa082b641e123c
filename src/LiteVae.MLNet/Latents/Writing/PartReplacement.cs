namespace LiteVae;

/// <summary>Puts new files in the place of a complete part's: all of them or none, whenever the process is killed.</summary>
/// <remarks>
/// The new files are first named beside the old ones, their manifest last. Once that is there, whoever comes next finishes the renaming; without it, whoever comes next
/// removes them.
/// </remarks>
internal static class PartReplacement
{
    /// <summary>What is behind the name of a file that is to take another's place.</summary>
    public const string Extension = ".next";

    private const string ManifestExtension = ".json" + Extension;

    /// <summary>Replaces a part. The caller holds the store's lock.</summary>
    /// <param name="paths">The store's files.</param>
    /// <param name="part">The part.</param>
    /// <param name="files">Its new files and their names.</param>
    /// <param name="manifest">Its new manifest.</param>
    public static void Commit(StorePaths paths, int part, IEnumerable<(StagedFile File, string Name)> files, byte[] manifest)
    {
        File.Delete(paths.Dataset); // it is of the old files, so the store is not complete until it is written anew
        foreach (var (file, name) in files)
        {
            file.MoveTo(paths.Shard(name + Extension));
        }

        AtomicFile.WriteAllBytes(paths.Manifest(part) + Extension, manifest);
        Finish(paths, paths.Manifest(part) + Extension);
    }

    /// <summary>The files of replacements that a killed process has left.</summary>
    public static IReadOnlyList<string> Unfinished(StorePaths paths) => Directory.Exists(paths.Shards) ? Directory.GetFiles(paths.Shards, "*" + Extension) : [];

    /// <summary>Finishes what killed processes have begun, or undoes it.</summary>
    /// <exception cref="InvalidDataException">A manifest is broken.</exception>
    public static void FinishAll(StorePaths paths, CancellationToken cancellation)
    {
        if (Unfinished(paths).Count == 0)
        {
            return;
        }

        using var right = StoreLock.Acquire(paths, cancellation);
        foreach (var manifest in Unfinished(paths).Where(path => path.EndsWith(ManifestExtension, StringComparison.Ordinal)))
        {
            Finish(paths, manifest);
        }

        foreach (var path in Unfinished(paths))
        {
            File.Delete(path);
        }
    }

    private static void Finish(StorePaths paths, string manifest)
    {
        var shards = StoreJson.Read<ShardManifest>(File.ReadAllBytes(manifest), manifest, ShardManifest.CurrentFormat).Shards;
        foreach (var target in shards.SelectMany(shard => new[] { shard.Tensors.Name, shard.Table.Name }).Select(paths.Shard).Where(target => File.Exists(target + Extension)))
        {
            AtomicFile.Rename(target + Extension, target);
        }

        AtomicFile.Rename(manifest, manifest[..^Extension.Length]);
    }
}
