namespace LiteVae;

/// <summary>A line of a store's list of sources: one image to encode.</summary>
/// <param name="Key">Its name in the store, unique there.</param>
/// <param name="Path">The image file, or the tar file it is in, as a full path.</param>
/// <param name="Member">Its name in the tar file; null for a file of its own.</param>
/// <param name="Offset">Where its bytes begin in the tar file; null for a file of its own.</param>
/// <param name="Length">How many they are; null for a file of its own.</param>
/// <param name="Label">Its label, or null.</param>
/// <param name="Caption">Its caption, or null.</param>
/// <param name="Failure">Why it cannot be encoded, where the planning knows already; null for all others.</param>
internal sealed record SourceRecord(
    string Key, string Path, string? Member = null, long? Offset = null, long? Length = null, string? Label = null, string? Caption = null, string? Failure = null)
{
    /// <summary>The source as rows and failures name it: its path, that of a tar file followed by the member's name.</summary>
    public string Name() => Member is null ? Path : $"{Path}/{Member}";
}
