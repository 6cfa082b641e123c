namespace LiteVae;

/// <summary>A source of a part, read, decoded and brought to its size, or the reason why not.</summary>
/// <param name="Source">The source.</param>
/// <param name="Size">Index of its size among the settings'.</param>
/// <param name="Image">The pixels at that size; null where it has failed.</param>
/// <param name="Row">Its row in the table, whose number the writer fills in; null where it has failed.</param>
/// <param name="Reason">Why it has failed, or null.</param>
internal sealed record LoadedSource(SourceRecord Source, int Size, RgbImage? Image, LatentRow? Row, string? Reason)
{
    /// <summary>A source that has failed.</summary>
    public static LoadedSource Failed(SourceRecord source, string reason) => new(source, 0, null, null, reason);
}
