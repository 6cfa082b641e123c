namespace LiteVae.Training;

/// <summary>The discriminator of the stages with an adversarial loss.</summary>
public sealed record DiscriminatorOptions
{
    /// <summary>Its architecture. Default <see cref="DiscriminatorKind.UNet"/>, the best by rFID in LiteVAE Table 10.</summary>
    public DiscriminatorKind Kind { get; init; } = DiscriminatorKind.UNet;

    /// <summary>Its width: 16, 32 or 64. The paper is silent; default 32.</summary>
    public int Width { get; init; } = 32;

    /// <summary>What both players minimise. Default <see cref="AdversarialKind.Hinge"/>; LiteVAE Table 16 finds no difference.</summary>
    public AdversarialKind Loss { get; init; } = AdversarialKind.Hinge;

    /// <summary>Its learning rate, constant, more than 0. Default 1e-4.</summary>
    public double LearningRate { get; init; } = 1e-4;

    internal IEnumerable<string> Faults()
    {
        if (!Enum.IsDefined(Kind))
        {
            yield return $"{nameof(Kind)} is {Kind}; use {string.Join(" or ", Enum.GetNames<DiscriminatorKind>())}.";
        }

        if (!Enum.IsDefined(Loss))
        {
            yield return $"{nameof(Loss)} is {Loss}; use {string.Join(" or ", Enum.GetNames<AdversarialKind>())}.";
        }

        if (Width is not (16 or 32 or 64))
        {
            yield return $"{nameof(Width)} is {Width}; allowed are 16, 32 and 64.";
        }

        if (!(double.IsFinite(LearningRate) && LearningRate > 0))
        {
            yield return $"{nameof(LearningRate)} is {LearningRate}; it must be more than 0.";
        }
    }
}
