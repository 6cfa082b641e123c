namespace LiteVae;

/// <summary>What LiteVaeEncode puts into its column.</summary>
public enum LatentOutput
{
    /// <summary>The posterior's mean, [nz, H / f, W / f] with the model's downsampling factor f: the latent to use unless there is a reason not to.</summary>
    Mean,

    /// <summary>A sample of the posterior, [nz, H / f, W / f], drawn from (seed, row key): see <see cref="LiteVaeEncodeOptions.SampleKeyColumn"/>. A PredictionEngine's row ids count its predictions. Not of a model whose encoder emits plain latents.</summary>
    Sample,

    /// <summary>The encoder's moments, [2 nz, H / f, W / f]: means, then log variances. Not of a model whose encoder emits plain latents.</summary>
    Moments,
}
