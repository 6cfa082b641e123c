namespace LiteVae.Training;

/// <summary>What one step measured: losses before weighting, on the step's own batch.</summary>
public sealed record StepLosses
{
    /// <summary>Number of the step, from 0.</summary>
    public long Step { get; init; }

    /// <summary>The weighted sum that the autoencoder minimises.</summary>
    public double Total { get; init; }

    /// <summary>Distance of image and reconstruction, of the stage's kind, in units of [-1, 1].</summary>
    public double Reconstruction { get; init; }

    /// <summary>KL divergence, of the stage's normalisation.</summary>
    public double Kl { get; init; }

    /// <summary>Charbonnier distance of the high wavelet bands.</summary>
    public double Wavelet { get; init; }

    /// <summary>Absolute error of what a Gaussian blur removes.</summary>
    public double Gaussian { get; init; }

    /// <summary>LPIPS; null where it is no loss of the stage.</summary>
    public double? Lpips { get; init; }

    /// <summary>Distance of VGG features; null where it is no loss of the stage.</summary>
    public double? VggFeatures { get; init; }

    /// <summary>The adversarial loss; null where there is no discriminator yet.</summary>
    public double? Adversarial { get; init; }

    /// <summary>The discriminator's own loss; null where there is none yet.</summary>
    public double? Discriminator { get; init; }

    /// <summary>PSNR in dB of the whole batch, from posterior samples, neither clamped nor rounded.</summary>
    public double Psnr { get; init; }

    /// <summary>Norm of the gradient before clipping.</summary>
    public double GradientNorm { get; init; }

    /// <summary>Norm of the discriminator's gradient; null where there is none yet.</summary>
    public double? DiscriminatorGradientNorm { get; init; }

    /// <summary>The learning rate used.</summary>
    public double LearningRate { get; init; }
}
