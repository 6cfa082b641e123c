namespace LiteVae;

/// <summary>Writes a store's summary once all of its parts are complete: the same bytes whoever does.</summary>
internal static class StoreCompletion
{
    /// <summary>The parts that are complete.</summary>
    public static HashSet<int> CompleteParts(StorePaths paths, StorePlan plan)
    {
        // one listing, for on a network a look at each of thousands of files takes long
        var names = Directory.Exists(paths.Shards) ? Directory.EnumerateFiles(paths.Shards, "*.json").Select(Path.GetFileName).ToHashSet(StringComparer.Ordinal) : [];
        return [.. Enumerable.Range(0, plan.Parts).Where(part => names.Contains(Path.GetFileName(paths.Manifest(part))))];
    }

    /// <summary>Writes <c>failures.parquet</c> and then <c>dataset.json</c> out of all manifests, while no part is replaced.</summary>
    /// <exception cref="InvalidDataException">A manifest is broken, or a file that it names is missing or of another length.</exception>
    public static DatasetSummary Write(StorePaths paths, StorePlan plan, string planSha256, CancellationToken cancellation = default)
    {
        using var right = StoreLock.Acquire(paths, cancellation);
        using var builder = new SummaryBuilder();
        AtomicFile.Write(paths.Failures, stream => FailureTable.Write(stream, Failures()));
        var summary = builder.Build(plan, planSha256);
        AtomicFile.WriteAllBytes(paths.Dataset, StoreJson.File(summary));
        return summary;

        // Read as they are written: all failures of a large store are not held at once.
        IEnumerable<LatentFailure> Failures()
        {
            for (var part = 0; part < plan.Parts; part++)
            {
                var (manifest, text) = ShardManifest.Read(paths, plan, planSha256, part);
                RequireFiles(paths, manifest);
                builder.Add(manifest, text);
                foreach (var failure in manifest.Failures)
                {
                    yield return failure;
                }
            }
        }
    }

    private static void RequireFiles(StorePaths paths, ShardManifest manifest)
    {
        foreach (var file in manifest.Shards.SelectMany(shard => new[] { shard.Tensors, shard.Table }))
        {
            var found = new FileInfo(paths.Shard(file.Name));
            if (!found.Exists || found.Length != file.Bytes)
            {
                throw new InvalidDataException(
                    $"{found.FullName}: the file {(found.Exists ? $"has {found.Length} bytes; its manifest says {file.Bytes}" : "is missing, though its manifest is there")}. Delete {paths.Manifest(manifest.Part)} and run the job again: it makes that part anew.");
            }
        }
    }
}
