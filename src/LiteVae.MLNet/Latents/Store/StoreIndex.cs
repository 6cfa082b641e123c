using System.Security.Cryptography;

namespace LiteVae;

/// <summary>Where each image of a finished store is.</summary>
internal sealed class StoreIndex
{
    private readonly long[] _starts;

    private StoreIndex(StorePaths paths, StorePlan plan, DatasetSummary dataset, IReadOnlyList<StoreShard> shards)
    {
        (Paths, Plan, Dataset, Shards) = (paths, plan, dataset, shards);
        _starts = [.. shards.Select(shard => shard.First)];
    }

    /// <summary>The store's files.</summary>
    public StorePaths Paths { get; }

    /// <summary>Its plan.</summary>
    public StorePlan Plan { get; }

    /// <summary>Its summary.</summary>
    public DatasetSummary Dataset { get; }

    /// <summary>Its shards, in the order of parts and sizes.</summary>
    public IReadOnlyList<StoreShard> Shards { get; }

    /// <summary>Images.</summary>
    public long Count => Dataset.Images;

    /// <summary>Reads plan, summary and all manifests, and checks that they belong together.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidOperationException">The store is not complete.</exception>
    /// <exception cref="InvalidDataException">A file is broken, of a newer version, or not the one that belongs there.</exception>
    public static StoreIndex Read(string folder)
    {
        var paths = new StorePaths(folder);
        RequireComplete(paths, folder);
        var (plan, planSha256) = StorePlan.Read(paths.Plan);
        var dataset = DatasetSummary.Read(paths.Dataset);
        if (dataset.PlanSha256 != planSha256)
        {
            throw new InvalidDataException($"{paths.Dataset}: it belongs to the plan {dataset.PlanSha256}; {paths.Plan} is {planSha256}: one of them was changed.");
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var shards = new List<StoreShard>();
        var first = 0L;
        for (var part = 0; part < plan.Parts; part++)
        {
            var (manifest, bytes) = ShardManifest.Read(paths, plan, planSha256, part);
            hash.AppendData(bytes);
            foreach (var entry in manifest.Shards)
            {
                shards.Add(new StoreShard(shards.Count, part, first, entry));
                first += entry.Rows;
            }
        }

        var found = Convert.ToHexStringLower(hash.GetHashAndReset());
        return found == dataset.ManifestsSha256 && first == dataset.Images
            ? new StoreIndex(paths, plan, dataset, shards)
            : throw new InvalidDataException($"{paths.Dataset}: the manifests in {paths.Shards} have {first} rows and the hash {found}; it says {dataset.Images} and {dataset.ManifestsSha256}: `litevae latents verify` tells which was changed.");
    }

    /// <summary>The shard that an image is in, and its row there.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    public (StoreShard Shard, int Row) Find(long image)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(image);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(image, Count);
        var place = Array.BinarySearch(_starts, image);
        var shard = Shards[place >= 0 ? place : ~place - 1];
        return (shard, (int)(image - shard.First));
    }

    private static void RequireComplete(StorePaths paths, string folder)
    {
        if (!Directory.Exists(paths.Root))
        {
            throw new DirectoryNotFoundException($"There is no latent store {folder}: no such folder.");
        }

        if (!File.Exists(paths.Dataset))
        {
            throw new InvalidOperationException(File.Exists(paths.Plan)
                ? $"{folder}: the latent store is not complete: {StorePaths.DatasetFile} is missing. Run the same `litevae encode` again, or its other tasks, until it is there."
                : $"{folder}: no latent store: it has neither {StorePaths.PlanFile} nor {StorePaths.DatasetFile}.");
        }
    }
}

/// <summary>A shard of a store.</summary>
/// <param name="Number">Its number among all shards.</param>
/// <param name="Part">Its part.</param>
/// <param name="First">The number of its first image.</param>
/// <param name="Entry">What the manifest says of it.</param>
internal sealed record StoreShard(int Number, int Part, long First, ShardEntry Entry);
