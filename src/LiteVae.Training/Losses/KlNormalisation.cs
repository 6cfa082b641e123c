namespace LiteVae.Training;

/// <summary>What the KL divergence is counted over, and so what its weight means.</summary>
public enum KlNormalisation
{
    /// <summary>Mean over the batch and all latent values: a weight holds for every resolution and number of channels.</summary>
    Mean,

    /// <summary>Sum over the latent's values, mean over the batch: as the paper and latent-diffusion write it.</summary>
    Sum,
}
