namespace LiteVae.Training;

/// <summary>The losses of a stage: a weight each, 0 leaving one out of the sum, and what kind it is. The paper states no weight: these are ours.</summary>
public sealed record LossOptions
{
    /// <summary>Weight of the distance between image and reconstruction. Default 1.</summary>
    public double Reconstruction { get; init; } = 1;

    /// <summary>How that distance is measured. Default <see cref="ReconstructionKind.L1"/>, the paper's.</summary>
    public ReconstructionKind ReconstructionKind { get; init; } = ReconstructionKind.L1;

    /// <summary>Weight of the KL divergence. Default 1e-4, on the mean per latent value.</summary>
    public double Kl { get; init; } = 1e-4;

    /// <summary>Whether the divergence is the mean per latent value (default) or the sum over an image's latent values, to which published weights such as 1e-6 belong.</summary>
    public KlNormalisation KlNormalisation { get; init; } = KlNormalisation.Mean;

    /// <summary>Nats per latent value that each channel may hold free of charge (Kingma et al. 2016); 0, the default, for none.</summary>
    public double KlFreeBits { get; init; }

    /// <summary>Weight of the Charbonnier distance of the high wavelet bands. Default 1.</summary>
    public double Wavelet { get; init; } = 1;

    /// <summary>Weight of the absolute error of what a Gaussian blur removes. Default 0.5.</summary>
    public double Gaussian { get; init; } = 0.5;

    /// <summary>Weight of LPIPS, which needs <see cref="PerceptualWeights.Lpips"/>. Default 0.</summary>
    public double Lpips { get; init; }

    /// <summary>Weight of the distance of VGG features before the activation (LiteVAE Table 14), which needs <see cref="PerceptualWeights.Vgg"/>. Default 0.</summary>
    public double VggFeatures { get; init; }

    /// <summary>Constant weight of the adversarial loss (LiteVAE Table 8). Default 0: no discriminator is trained.</summary>
    public double Adversarial { get; init; }

    /// <summary>Steps of the stage before the discriminator begins, 0 or more. Default 0. Ignored without <see cref="Adversarial"/>.</summary>
    public int AdversarialStart { get; init; }

    /// <summary>Steps from there on over which the adversarial weight rises from 0, 0 or more. Default 0. Ignored without <see cref="Adversarial"/>.</summary>
    public int AdversarialWarmup { get; init; }

    /// <summary>The adversarial weight at a step of the stage, from 0; null before the discriminator begins and where there is none.</summary>
    internal double? AdversarialAt(long stepOfStage) => Adversarial == 0 || stepOfStage < AdversarialStart
        ? null
        : Adversarial * Math.Min(1, (stepOfStage - AdversarialStart + 1.0) / (AdversarialWarmup + 1.0));

    internal IEnumerable<string> Faults()
    {
        foreach (var (name, weight) in new[]
        {
            (nameof(Reconstruction), Reconstruction), (nameof(Kl), Kl), (nameof(KlFreeBits), KlFreeBits), (nameof(Wavelet), Wavelet), (nameof(Gaussian), Gaussian),
            (nameof(Lpips), Lpips), (nameof(VggFeatures), VggFeatures), (nameof(Adversarial), Adversarial),
        })
        {
            if (!(double.IsFinite(weight) && weight >= 0))
            {
                yield return $"{name} is {weight}; it must be 0 or more.";
            }
        }

        if (!Enum.IsDefined(ReconstructionKind))
        {
            yield return $"{nameof(ReconstructionKind)} is {ReconstructionKind}; use {string.Join(", ", Enum.GetNames<ReconstructionKind>())}.";
        }

        if (!Enum.IsDefined(KlNormalisation))
        {
            yield return $"{nameof(KlNormalisation)} is {KlNormalisation}; use {string.Join(" or ", Enum.GetNames<KlNormalisation>())}.";
        }

        foreach (var (name, steps) in new[] { (nameof(AdversarialStart), AdversarialStart), (nameof(AdversarialWarmup), AdversarialWarmup) })
        {
            if (steps < 0)
            {
                yield return $"{name} is {steps}; it must be 0 or more.";
            }
        }
    }
}
