namespace LiteVae;

/// <summary>Puts finished stores of one encoder and one preprocessing together into a new one, without encoding anything.</summary>
/// <remarks>
/// The result has the bytes of a store that was encoded from all inputs at once: sources sorted by key, what failed among the failures, of two sources with one key all but the first
/// refused, the same source in two stores once. A merge that is killed anywhere can be run again.
/// </remarks>
public static class LatentMerge
{
    /// <summary>Merges.</summary>
    /// <param name="stores">The stores' folders, two or more, all complete.</param>
    /// <param name="target">The new store's folder, or one that the same merge has begun.</param>
    /// <param name="progress">Told how many sources are done.</param>
    /// <param name="cancellation">Ends the merge: complete parts stay.</param>
    /// <returns>How many images and failures the new store has.</returns>
    /// <exception cref="ArgumentException">There are fewer than two stores, or the target is one of them.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such store.</exception>
    /// <exception cref="InvalidOperationException">A store is not complete, or they were made by other encoders or with other settings: the message names them with both values.</exception>
    /// <exception cref="InvalidDataException">A file of a store is damaged, or the target was begun with other stores.</exception>
    /// <exception cref="IOException">The target cannot be written; the merge can be run again.</exception>
    /// <exception cref="OperationCanceledException">The cancellation was asked for.</exception>
    public static (long Images, long Failed) Run(IReadOnlyList<string> stores, string target, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(stores);
        ArgumentException.ThrowIfNullOrEmpty(target);
        var paths = new StorePaths(target);
        if (stores.Count < 2 || stores.Any(store => new StorePaths(store).Root == paths.Root))
        {
            throw new ArgumentException($"{string.Join(", ", stores)} into {target}: name two stores or more, and a new folder for what they become.", nameof(stores));
        }

        List<LatentStore> open = [];
        try
        {
            foreach (var store in stores)
            {
                open.Add(LatentStore.Open(store));
            }

            return Run(open, paths, progress, cancellation);
        }
        finally
        {
            open.ForEach(store => store.Dispose());
        }
    }

    private static (long Images, long Failed) Run(List<LatentStore> stores, StorePaths paths, IProgress<long>? progress, CancellationToken cancellation)
    {
        // what there is, in the order of the new store
        var settings = Merged(stores);
        Directory.CreateDirectory(paths.Root);
        using var sorter = new SourceSorter(paths.Root);
        for (var i = 0; i < stores.Count; i++)
        {
            AddSources(sorter, stores[i], i, cancellation);
        }

        if (!StorePlanner.TryWrite(paths, settings, StorePlanner.WithoutCollisions(sorter.Sorted()), cancellation))
        {
            StoreRemains.Remove(paths, StorePlan.Read(paths.Plan).Plan); // this list
            throw new InvalidDataException($"{paths.Root}: this store was begun by another job. Name a new folder.");
        }

        // the parts
        var (plan, planSha256) = StorePlan.Read(paths.Plan);
        var complete = StoreCompletion.CompleteParts(paths, plan);
        var done = 0L;
        foreach (var (part, sources) in StorePlanner.WithoutCollisions(sorter.Sorted()).Chunk(settings.ShardSize).Index())
        {
            if (!complete.Contains(part))
            {
                using var writer = new PartWriter(paths, plan, planSha256, part);
                Write(writer, sources, stores, settings, cancellation);
                writer.Commit(cancellation);
            }

            progress?.Report(done += sources.Length);
        }

        var summary = StoreCompletion.Write(paths, plan, planSha256, cancellation);
        return (summary.Images, summary.Failed);
    }

    private static StoreSettings Merged(List<LatentStore> stores)
    {
        var first = stores[0].Index.Dataset.Settings;
        foreach (var store in stores.Skip(1))
        {
            var differences = first.Differences(store.Index.Dataset.Settings with { Inputs = first.Inputs, Labels = first.Labels, ShardSize = first.ShardSize }).ToList();
            if (differences.Count > 0)
            {
                throw new InvalidOperationException($"{stores[0].Folder} and {store.Folder} cannot become one store: {string.Join(" ", differences)}");
            }
        }

        var all = stores.Select(store => store.Index.Dataset.Settings).ToList();
        return first with
        {
            Inputs = [.. all.SelectMany(settings => settings.Inputs).Distinct()],
            Labels = all.Any(settings => settings.Labels == StoreSettings.FolderLabels) ? StoreSettings.FolderLabels : first.Labels,
        };
    }

    private static void AddSources(SourceSorter sorter, LatentStore store, int number, CancellationToken cancellation)
    {
        var index = store.Index;
        var shards = index.Shards.ToLookup(shard => shard.Part);
        for (var part = 0; part < index.Plan.Parts; part++)
        {
            cancellation.ThrowIfCancellationRequested();
            var places = new Dictionary<string, StoredPlace>(StringComparer.Ordinal);
            foreach (var shard in shards[part])
            {
                foreach (var row in store.RowsOf(shard))
                {
                    places.Add(row.Key, new StoredPlace(number, shard.Number, row.Row));
                }
            }

            foreach (var failure in ShardManifest.Read(index.Paths, index.Plan, index.Dataset.PlanSha256, part).Manifest.Failures)
            {
                places.TryAdd(failure.Key, new StoredPlace(number, 0, 0, failure.Reason)); // of several with one key the first was tried
            }

            foreach (var source in SourceList.Read(index.Paths, index.Plan, part))
            {
                sorter.Add(new PlannedSource(source, source.Failure is not null ? null : places.GetValueOrDefault(source.Key)
                    ?? throw new InvalidDataException($"{index.Paths.Manifest(part)}: neither its rows nor its failures have the source {FaultText.Printable(source.Key)}: `litevae latents verify` tells what was changed.")));
            }
        }
    }

    private static void Write(PartWriter writer, PlannedSource[] sources, List<LatentStore> stores, StoreSettings settings, CancellationToken cancellation)
    {
        foreach (var (i, (source, place)) in sources.Index())
        {
            cancellation.ThrowIfCancellationRequested();
            if ((source.Failure ?? place?.Failure) is { } reason)
            {
                writer.Fail(i, source, reason);
                continue;
            }

            var store = stores[place!.Store];
            var shard = store.Index.Shards[place.Shard];
            using var lease = store.Lease(shard);
            writer.Keep(new LoadedSource(source, settings.IndexOf(shard.Entry.Size), null, store.RowsOf(shard)[place.Row], null, Kept: new StoredMoments(lease.File, place.Row)));
        }
    }
}
