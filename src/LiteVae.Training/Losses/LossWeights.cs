namespace LiteVae.Training;

/// <summary>Weight of each loss in the total; 0 turns one off. The paper states none: these are ours.</summary>
public sealed record LossWeights
{
    /// <summary>Mean absolute error of the pixels. Default 1.</summary>
    public double Reconstruction { get; init; } = 1;

    /// <summary>KL divergence per latent value. Default 1e-4.</summary>
    public double Kl { get; init; } = 1e-4;

    /// <summary>Charbonnier distance of the high wavelet bands. Default 1.</summary>
    public double Wavelet { get; init; } = 1;

    /// <summary>Absolute error of what a Gaussian blur removes. Default 0.5.</summary>
    public double Gaussian { get; init; } = 0.5;
}
