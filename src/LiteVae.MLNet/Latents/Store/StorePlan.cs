namespace LiteVae;

/// <summary>A store's <c>plan.json</c>: what goes into it and how it is divided. Written once, before the first shard.</summary>
/// <param name="Format"><see cref="CurrentFormat"/>.</param>
/// <param name="Settings">What decides the bytes.</param>
/// <param name="Sources">Lines of the list of sources.</param>
/// <param name="Parts">Parts: part p has the sources from p * ShardSize on.</param>
/// <param name="SourcesSha256">SHA-256 of the list of sources.</param>
/// <param name="PartOffsets">Where each part begins in the list of sources, in bytes, and at the end the length of the list.</param>
internal sealed record StorePlan(string Format, StoreSettings Settings, long Sources, int Parts, string SourcesSha256, IReadOnlyList<long> PartOffsets)
{
    public const string CurrentFormat = "litevae-plan-1";

    // the offsets of ten million parts
    private const int MaxBytes = 256 << 20;

    /// <summary>Reads a plan.</summary>
    /// <returns>The plan and the SHA-256 of its bytes, which the manifests repeat.</returns>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">It is broken, or of a newer version.</exception>
    public static (StorePlan Plan, string Sha256) Read(string path)
    {
        var bytes = RegularFile.ReadBytes(path, MaxBytes);
        return (StoreJson.Read<StorePlan>(bytes, path, CurrentFormat).Require(path), Sha256Text.Of(bytes));
    }

    /// <summary>The sources of a part.</summary>
    public int SourcesOf(int part) => (int)Math.Min(Settings.ShardSize, Sources - ((long)part * Settings.ShardSize));

    private StorePlan Require(string path)
    {
        Settings.Require(path);
        var parts = Sources < 1 ? 0 : ((Sources - 1) / Settings.ShardSize) + 1;
        var isOrdered = PartOffsets.Count == Parts + 1L && PartOffsets[0] == 0 && Enumerable.Range(0, Parts).All(part => PartOffsets[part] < PartOffsets[part + 1]);
        return Parts < 1 || Parts != parts ? throw new InvalidDataException($"{path}: {Sources} sources in parts of {Settings.ShardSize} are {parts} parts; parts is {Parts}.")
            : !isOrdered ? throw new InvalidDataException($"{path}: part_offsets must have {Parts + 1L} rising numbers from 0 on.")
            : !Sha256Text.IsOne(SourcesSha256) ? throw new InvalidDataException($"{path}: sources_sha256 is '{FaultText.Printable(SourcesSha256)}'; it must be 64 hexadecimal digits.")
            : this;
    }
}
