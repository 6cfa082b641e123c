namespace LiteVae;

/// <summary>An image that could not be encoded.</summary>
/// <param name="Key">Its name in the store.</param>
/// <param name="Source">The image file; for a member of a tar file that file's path, a slash and the member's name.</param>
/// <param name="Reason">Why, in a sentence.</param>
public sealed record LatentFailure(string Key, string Source, string Reason);
