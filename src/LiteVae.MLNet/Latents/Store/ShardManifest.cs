namespace LiteVae;

/// <summary>A part's <c>NNNNN.json</c>, written last of the part: the part is complete when it is there.</summary>
/// <param name="Format"><see cref="CurrentFormat"/>.</param>
/// <param name="Part">The part's number.</param>
/// <param name="PlanSha256">SHA-256 of the plan that it was made by.</param>
/// <param name="Shards">Its shards, in the order of the plan's sizes; a size that no image of the part has, has none.</param>
/// <param name="Failures">The sources that could not be encoded, in the order of their keys.</param>
/// <param name="Channels">What is known of the values of each of the 2 nz channels of <c>moments</c>, as they stand in the files; empty where the part has no rows.</param>
internal sealed record ShardManifest(
    string Format, int Part, string PlanSha256, IReadOnlyList<ShardEntry> Shards, IReadOnlyList<LatentFailure> Failures, IReadOnlyList<ChannelSums> Channels)
{
    public const string CurrentFormat = "litevae-shard-1";

    // a list of failures with long names and reasons
    private const int MaxBytes = 1 << 30;

    /// <summary>Reads a part's manifest.</summary>
    /// <returns>The manifest and its bytes.</returns>
    /// <exception cref="FileNotFoundException">There is none: the part is not complete.</exception>
    /// <exception cref="InvalidDataException">It is broken, of a newer version, or of another plan.</exception>
    public static (ShardManifest Manifest, byte[] Bytes) Read(StorePaths paths, StorePlan plan, string planSha256, int part)
    {
        var path = paths.Manifest(part);
        var (manifest, bytes) = Read(path);
        var faults = manifest.Faults(plan, planSha256, part).ToList();
        return faults.Count == 0 ? (manifest, bytes) : throw new InvalidDataException($"{path}: {string.Join(" ", faults)}");
    }

    /// <summary>Which plan a part says it was made by.</summary>
    /// <exception cref="FileNotFoundException">There is no such manifest.</exception>
    /// <exception cref="InvalidDataException">It is broken, or of a newer version.</exception>
    public static string ReadPlanSha256(string path) => Read(path).Manifest.PlanSha256;

    private static (ShardManifest Manifest, byte[] Bytes) Read(string path)
    {
        var bytes = RegularFile.ReadBytes(path, MaxBytes);
        return (StoreJson.Read<ShardManifest>(bytes, path, CurrentFormat), bytes);
    }

    /// <summary>Rows of all shards.</summary>
    public int Rows() => Shards.Sum(shard => shard.Rows);

    /// <summary>Bytes of all shards' files.</summary>
    public long Bytes() => Shards.Sum(shard => shard.Tensors.Bytes + shard.Table.Bytes);

    private IEnumerable<string> Faults(StorePlan plan, string planSha256, int part)
    {
        if (PlanSha256 != planSha256)
        {
            yield return $"it belongs to the plan {FaultText.Printable(PlanSha256)}, not to this store's {planSha256}: the folder holds the remains of another run (take a new folder), or plan.json was changed since (`litevae latents verify` says so).";
            yield break;
        }

        if (Shards.Any(shard => shard is null) || Failures.Any(failure => failure is null))
        {
            yield return "an entry is null.";
            yield break;
        }

        if (Part != part)
        {
            yield return $"it says it is part {Part}.";
        }

        var rows = Shards.Sum(shard => (long)shard.Rows);
        if (rows + Failures.Count != plan.SourcesOf(part))
        {
            yield return $"it has {rows} rows and {Failures.Count} failures; the part has {plan.SourcesOf(part)} sources.";
        }

        if (!Shards.Select(shard => shard.Size).SequenceEqual(plan.Settings.Sizes.Where(size => Shards.Any(shard => shard.Size == size))))
        {
            yield return "its shards are not of the plan's sizes, each once and in their order.";
        }

        var channels = 2 * plan.Settings.Config.LatentChannels;
        if (Channels.Count != (rows == 0 ? 0 : channels) || Channels.Any(sums => sums.Count < 1 || !double.IsFinite(sums.Mean) || !double.IsFinite(sums.Squares)))
        {
            yield return $"it has statistics of {Channels.Count} channels, or empty ones; the moments have {channels} channels.";
        }

        foreach (var fault in Shards.SelectMany(shard => shard.Faults(plan.Settings, part)))
        {
            yield return fault;
        }
    }
}

/// <summary>The files of one size in a part.</summary>
/// <param name="Size">Size of the images that were encoded, [width, height].</param>
/// <param name="Shape">Dimensions of <c>moments</c>, and of <c>moments_flipped</c> where the store has it: [rows, 2 nz, h, w].</param>
/// <param name="Rows">Images.</param>
/// <param name="Tensors">The safetensors file.</param>
/// <param name="Table">The parquet file.</param>
internal sealed record ShardEntry(ImageSize Size, IReadOnlyList<long> Shape, int Rows, ShardFile Tensors, ShardFile Table)
{
    /// <summary>One sentence for each wrong member.</summary>
    public IEnumerable<string> Faults(StoreSettings settings, int part)
    {
        var (channels, height, width) = settings.MomentsShape(Size);
        var name = settings.ShardName(part, Size);
        if (Rows < 1 || !Shape.SequenceEqual([Rows, channels, height, width]))
        {
            yield return $"the shard of {Size} has {Rows} rows of shape [{string.Join(", ", Shape)}]; the shape must be [{Rows}, {channels}, {height}, {width}].";
        }

        foreach (var (file, expected) in new[] { (Tensors, name + StorePaths.TensorsExtension), (Table, name + StorePaths.RowsExtension) })
        {
            if (file.Name != expected || file.Bytes < 1 || !Sha256Text.IsOne(file.Sha256))
            {
                yield return $"the file '{FaultText.Printable(file.Name)}' of {file.Bytes} bytes and hash '{FaultText.Printable(file.Sha256)}' should be {expected}, not empty, with a SHA-256 of 64 digits.";
            }
        }
    }
}

/// <summary>A file of a shard.</summary>
/// <param name="Name">Its name in the folder of shards.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">SHA-256 of its bytes.</param>
internal sealed record ShardFile(string Name, long Bytes, string Sha256);
