using System.Collections.Concurrent;

namespace LiteVae;

/// <summary>Reads every byte of a store again and names what is wrong.</summary>
/// <remarks>A store that is not complete can be looked at too: what is there must be right.</remarks>
internal static class StoreVerification
{
    /// <summary>Looks at everything.</summary>
    /// <param name="folder">The store.</param>
    /// <param name="progress">Told how many parts are done, of how many, from any thread.</param>
    /// <param name="cancellation">Stops between two parts.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">It has no plan.</exception>
    /// <exception cref="InvalidDataException">Its plan is broken, or of a newer version: nothing else can be looked at.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static StoreFindings Run(string folder, Action<int, int>? progress = null, CancellationToken cancellation = default)
    {
        var paths = new StorePaths(folder);
        if (!Directory.Exists(paths.Root))
        {
            throw new DirectoryNotFoundException($"There is no latent store {folder}: no such folder.");
        }

        var (plan, ownSha256) = StorePlan.Read(paths.Plan);
        var planSha256 = NamedPlan(paths, plan, ownSha256);
        var faults = new ConcurrentBag<StoreFault>();
        Check(paths.Plan, _ => Require(planSha256 == ownSha256, $"it has the SHA-256 {ownSha256}, but the parts and the summary were made by a plan of {planSha256}: it was changed since, or they are the remains of another run"));
        var isComplete = File.Exists(paths.Dataset);
        var manifests = new (ShardManifest Manifest, byte[] Bytes)?[plan.Parts];
        var done = 0;
        Check(paths.Sources(plan.SourcesSha256), path => RequireHash(path, plan.SourcesSha256, length: null));
        foreach (var path in PartReplacement.Unfinished(paths))
        {
            faults.Add(new StoreFault(path, "a part is being replaced, or a run that did so was killed: run `litevae latents retry` again."));
        }

        Parallel.For(0, plan.Parts, new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount }, part =>
        {
            if (File.Exists(paths.Manifest(part)) || isComplete)
            {
                Check(paths.Manifest(part), _ => Part(part));
            }

            progress?.Invoke(Interlocked.Increment(ref done), plan.Parts);
        });
        var found = manifests.OfType<(ShardManifest Manifest, byte[] Bytes)>().ToList();
        var missing = plan.Parts - found.Count;
        if (isComplete)
        {
            Check(paths.Dataset, _ => Summary());
        }

        return new StoreFindings(plan.Parts, missing, found.Sum(part => (long)part.Manifest.Rows()), found.Sum(part => part.Manifest.Bytes()), isComplete, [.. faults.OrderBy(fault => fault.Path, StringComparer.Ordinal)]);

        void Part(int part)
        {
            var (manifest, _) = (manifests[part] = ShardManifest.Read(paths, plan, planSha256, part)).Value;
            foreach (var shard in manifest.Shards)
            {
                var tensors = paths.Shard(shard.Tensors.Name);
                var isTable = Check(paths.Shard(shard.Table.Name), path => RequireHash(path, shard.Table.Sha256, shard.Table.Bytes));
                if (Check(tensors, path => RequireHash(path, shard.Tensors.Sha256, shard.Tensors.Bytes)) && isTable)
                {
                    Check(tensors, path =>
                    {
                        using var file = LatentShard.Open(path, plan.Settings);
                        _ = file.ReadRows();
                    });
                }
            }
        }

        void Summary()
        {
            var dataset = DatasetSummary.Read(paths.Dataset);
            Require(dataset.PlanSha256 == planSha256, $"it belongs to the plan {dataset.PlanSha256}; the plan is {planSha256}");
            if (missing > 0)
            {
                return; // named already
            }

            using var builder = new SummaryBuilder();
            found.ForEach(part => builder.Add(part.Manifest, part.Bytes));
            var (says, members) = (StoreJson.Members(dataset), StoreJson.Members(builder.Build(plan, planSha256)));
            var wrong = members.Keys.Where(name => says[name] != members[name]).ToList();
            Require(wrong.Count == 0, $"its {string.Join(", ", wrong)} are not those of the plan and the manifests");
            Check(paths.Failures, path =>
            {
                using var stream = File.OpenRead(path);
                Require(FailureTable.Read(stream, path).SequenceEqual(found.SelectMany(part => part.Manifest.Failures)), "it does not list the failures of the manifests");
            });
        }

        bool Check(string path, Action<string> check)
        {
            try
            {
                check(path);
                return true;
            }
            catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                var reason = e is FileNotFoundException ? "is missing" : e.Message.Replace(path + ": ", "", StringComparison.Ordinal);
                faults.Add(new StoreFault(path, reason));
                return false;
            }
        }
    }

    /// <summary>The hash of the plan that the store was made by. Where the summary and the parts agree on another one than the plan has, the plan is what was changed.</summary>
    private static string NamedPlan(StorePaths paths, StorePlan plan, string sha256)
    {
        var parts = StoreCompletion.CompleteParts(paths, plan);
        var manifests = parts.Count == 0 ? [] : new[] { parts.Min(), parts.Max() }.Distinct().Select(paths.Manifest);
        var named = manifests.Select(path => Named(() => ShardManifest.ReadPlanSha256(path))).Append(Named(() => DatasetSummary.Read(paths.Dataset).PlanSha256)).OfType<string>().ToList();
        return named.Count > 1 && named.Distinct().Count() == 1 ? named[0] : sha256;

        static string? Named(Func<string> read)
        {
            try
            {
                return read();
            }
            catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                return null; // it is looked at below
            }
        }
    }

    private static void RequireHash(string path, string sha256, long? length)
    {
        var bytes = RegularFile.Length(path);
        Require(length is null || bytes == length, $"it has {bytes} bytes; its manifest says {length}");
        var found = SourceList.Sha256Of(path);
        Require(found == sha256, $"it has the SHA-256 {found}; it should be {sha256}");
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidDataException(otherwise + ".");
        }
    }
}

/// <summary>What a verification found.</summary>
/// <param name="Parts">Parts of the plan.</param>
/// <param name="MissingParts">Parts without a readable manifest.</param>
/// <param name="Images">Images that the manifests tell of.</param>
/// <param name="Bytes">Bytes of all shards that were read.</param>
/// <param name="IsComplete">Whether there is a dataset.json.</param>
/// <param name="Faults">All that is wrong.</param>
internal sealed record StoreFindings(int Parts, int MissingParts, long Images, long Bytes, bool IsComplete, IReadOnlyList<StoreFault> Faults);

/// <summary>Something wrong with a file of a store.</summary>
/// <param name="Path">The file.</param>
/// <param name="Reason">What is wrong.</param>
internal sealed record StoreFault(string Path, string Reason);
