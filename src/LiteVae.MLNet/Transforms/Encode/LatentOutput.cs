namespace LiteVae;

/// <summary>What LiteVaeEncode puts into its column.</summary>
public enum LatentOutput
{
    /// <summary>The posterior's mean, [nz, H / 8, W / 8]: the latent to use unless there is a reason not to.</summary>
    Mean,

    /// <summary>A sample of the posterior, [nz, H / 8, W / 8], drawn from (seed, row id). A PredictionEngine's row ids count its predictions.</summary>
    Sample,

    /// <summary>The encoder's moments, [2 nz, H / 8, W / 8]: means, then log variances.</summary>
    Moments,
}
