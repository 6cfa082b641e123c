namespace LiteVae;

/// <summary>A layout in which other programs read latents.</summary>
public enum LatentExportFormat
{
    /// <summary>LightningDiT's: <c>latents_rank00_shardNNN.safetensors</c> of up to 10,000 images with <c>latents</c> and <c>latents_flip</c> [n, nz, h, w], F32, and <c>labels</c> [n], I64. Needs mirrored images and labels.</summary>
    LightningDit,

    /// <summary>WebDataset: <c>NNNNN.tar</c>, a shard each, with <c>IMAGE.latent.npy</c>, <c>IMAGE.flipped.npy</c>, <c>IMAGE.cls</c>, <c>IMAGE.txt</c> and <c>IMAGE.json</c>, of what there is.</summary>
    WebDataset,

    /// <summary><c>IMAGE.npy</c> and <c>IMAGE.flipped.npy</c>, [nz, h, w], F32, in a folder for every 10,000, and <c>index.jsonl</c>.</summary>
    Npy,

    /// <summary>
    /// kohya's sd-scripts: <c>KEY_WWWWxHHHH_sd.npz</c>, the key without its extension and the image's own size, where the image would be, with <c>latents</c> and <c>latents_flipped</c>
    /// [nz, h, w], F32, <c>original_size</c> (width, height) and <c>crop_ltrb</c>, F64, in pixels of the size that it was brought to. Keys must be able to name files.
    /// </summary>
    Kohya,
}

/// <summary>How a store is exported.</summary>
public sealed record LatentExportOptions
{
    /// <summary>Seed of posterior samples; null, the default, for the means.</summary>
    public long? SampleSeed { get; init; }

    /// <summary>Whether (latent - shift) * factor is applied. Default false: most programs scale themselves.</summary>
    public bool Scaled { get; init; }
}
