namespace LiteVae;

/// <summary>A source of a part, read, decoded and brought to its size; or a row of another shard that is taken over; or the reason why neither.</summary>
/// <param name="Source">The source.</param>
/// <param name="Size">Index of its size among the settings'.</param>
/// <param name="Image">The pixels at that size; null where there is nothing to encode.</param>
/// <param name="Row">Its row in the table, whose number the writer fills in; null where it has failed.</param>
/// <param name="Reason">Why it has failed, or null.</param>
/// <param name="ErrorType">What failed, in a word that many failures share, or null.</param>
/// <param name="Kept">Where its moments are already, or null.</param>
internal sealed record LoadedSource(SourceRecord Source, int Size, RgbImage? Image, LatentRow? Row, string? Reason, string? ErrorType = null, StoredMoments? Kept = null)
{
    /// <summary>A source that has failed.</summary>
    public static LoadedSource Failed(SourceRecord source, string reason, string errorType) => new(source, 0, null, null, reason, errorType);
}

/// <summary>Moments in a shard.</summary>
/// <param name="Shard">The shard, open as long as this is used.</param>
/// <param name="Row">The row in it.</param>
internal readonly record struct StoredMoments(LatentShard Shard, int Row);
