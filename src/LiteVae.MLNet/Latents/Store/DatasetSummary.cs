namespace LiteVae;

/// <summary>A store's <c>dataset.json</c>, written when all parts are complete: the same bytes whoever writes it.</summary>
/// <param name="Format"><see cref="CurrentFormat"/>.</param>
/// <param name="Settings">What decided the bytes, as in the plan.</param>
/// <param name="PlanSha256">SHA-256 of the plan.</param>
/// <param name="SourcesSha256">SHA-256 of the list of sources.</param>
/// <param name="ManifestsSha256">SHA-256 of all manifests one after the other, in the order of their parts.</param>
/// <param name="Sources">Lines of the list of sources.</param>
/// <param name="Images">Images encoded.</param>
/// <param name="Failed">Sources that could not be encoded; <c>failures.parquet</c> lists them.</param>
/// <param name="Parts">Parts.</param>
/// <param name="Shards">Shards; with several sizes a part has up to as many.</param>
/// <param name="Bytes">Bytes of all shards' files.</param>
/// <param name="Scaling">The model's scaling, which is not applied to the moments.</param>
/// <param name="Channels">What is known of each of the 2 nz channels of <c>moments</c>: nz means, then nz log variances. Empty where nothing was encoded.</param>
internal sealed record DatasetSummary(
    string Format,
    StoreSettings Settings,
    string PlanSha256,
    string SourcesSha256,
    string ManifestsSha256,
    long Sources,
    long Images,
    long Failed,
    int Parts,
    int Shards,
    long Bytes,
    DatasetScaling Scaling,
    IReadOnlyList<DatasetChannel> Channels)
{
    public const string CurrentFormat = "litevae-dataset-1";

    private const int MaxBytes = 64 << 20;

    /// <summary>Reads a summary.</summary>
    /// <exception cref="FileNotFoundException">There is none: the store is not complete.</exception>
    /// <exception cref="InvalidDataException">It is broken, or of a newer version.</exception>
    public static DatasetSummary Read(string path) => StoreJson.Read<DatasetSummary>(RegularFile.ReadBytes(path, MaxBytes), path, CurrentFormat).Require(path);

    private DatasetSummary Require(string path)
    {
        Settings.Require(path);
        var channels = 2 * Settings.Config.LatentChannels;
        return Sources < 1 || Images < 0 || Failed < 0 || Images + Failed != Sources || Parts != ((Sources - 1) / Settings.ShardSize) + 1 || Shards < 0 || Bytes < 0
            ? throw new InvalidDataException($"{path}: {Sources} sources, {Images} images, {Failed} failed, {Parts} parts, {Shards} shards, {Bytes} bytes do not fit together.")
            : Channels.Count != (Images == 0 ? 0 : channels) ? throw new InvalidDataException($"{path}: there are {Channels.Count} channels; the moments have {channels}.")
            : new[] { PlanSha256, SourcesSha256, ManifestsSha256 }.FirstOrDefault(hash => !Sha256Text.IsOne(hash)) is { } wrong
                ? throw new InvalidDataException($"{path}: the hash '{FaultText.Printable(wrong)}' must be 64 hexadecimal digits.")
            : this;
    }
}

/// <summary>The scaling of a latent, (latent - shift) * factor.</summary>
/// <param name="Factor">The factor.</param>
/// <param name="Shift">The shift.</param>
/// <param name="Applied">Always false: the store holds what the encoder emits.</param>
internal sealed record DatasetScaling(double Factor, double Shift, bool Applied);

/// <summary>What is known of the values of one channel, as they stand in the files.</summary>
/// <param name="Mean">Their mean.</param>
/// <param name="Std">Their standard deviation, of the population.</param>
/// <param name="Min">The least.</param>
/// <param name="Max">The greatest.</param>
internal sealed record DatasetChannel(double Mean, double Std, double Min, double Max)
{
    /// <summary>Out of the sums of a channel.</summary>
    public static DatasetChannel Of(ChannelSums sums) => new(sums.Mean, sums.Deviation(), sums.Min, sums.Max);
}
