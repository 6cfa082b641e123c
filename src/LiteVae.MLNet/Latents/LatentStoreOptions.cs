namespace LiteVae;

/// <summary>What a reader of a latent store expects of it.</summary>
public sealed record LatentStoreOptions
{
    /// <summary>SHA-256 of the encoder that must have made the store, as <see cref="LiteVaeModel.EncoderSha256"/> gives it; null, the default, for any.</summary>
    public string? EncoderSha256 { get; init; }

    /// <summary>The size in pixels to which the store's images must have been brought, and no other; null, the default, for any.</summary>
    public ImageSize? ImageSize { get; init; }

    /// <summary>
    /// Whether each file is compared with its SHA-256 when something of it is first read. Default true: a damaged file is an error and no latents. False saves one reading of every file, as
    /// where <c>litevae latents verify</c> has just done it.
    /// </summary>
    public bool CheckHashes { get; init; } = true;
}
