namespace LiteVae;

/// <summary>What a model's encoder emits.</summary>
public enum EncoderOutput
{
    /// <summary>Moments, [N, 2 nz, h, w]: means, then log variances.</summary>
    Moments,

    /// <summary>Plain latents, [N, nz, h, w], without a variance.</summary>
    Latent,
}
