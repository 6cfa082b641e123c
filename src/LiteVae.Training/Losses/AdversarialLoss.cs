using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>The two players' losses, hinge or logistic (LiteVAE section 3.2, Table 16).</summary>
/// <remarks>
/// Where a discriminator gives several maps of logits, each map's loss is a mean over its elements, and the loss is the mean of the maps' losses:
/// the image's one logit weighs as much as all its pixels'. The weight is constant: the adaptive one of VQGAN brings nothing (Table 8).
/// </remarks>
internal static class AdversarialLoss
{
    /// <summary>What the discriminator minimises: half of what real images cost and half of what fake ones cost, as in VQGAN.</summary>
    /// <param name="real">Maps of logits of photos.</param>
    /// <param name="fake">As many maps of logits of reconstructions, these detached from the autoencoder.</param>
    /// <param name="kind">Hinge: mean max(0, 1 - real) and mean max(0, 1 + fake). Logistic: mean softplus(-real) and mean softplus(fake).</param>
    public static Tensor Discriminator(Tensor[] real, Tensor[] fake, AdversarialKind kind)
    {
        if (real.Length != fake.Length)
        {
            throw new ArgumentException($"Real and fake images need as many maps of logits; got {real.Length} and {fake.Length}.", nameof(fake));
        }

        using var scope = NewDisposeScope();
        return stack([.. real.Select(map => Cost(map, kind)), .. fake.Select(map => Cost(map.neg(), kind))]).mean().MoveToOuterDisposeScope();
    }

    /// <summary>What the autoencoder minimises.</summary>
    /// <param name="fake">Maps of logits of reconstructions.</param>
    /// <param name="kind">Hinge: -mean fake. Logistic: mean softplus(-fake).</param>
    public static Tensor Generator(Tensor[] fake, AdversarialKind kind)
    {
        using var scope = NewDisposeScope();
        return stack([.. fake.Select(map => kind == AdversarialKind.Hinge ? map.mean().neg() : Cost(map, kind))]).mean().MoveToOuterDisposeScope();
    }

    // What logits cost that should be high; those that should be low cost as much as their negatives.
    private static Tensor Cost(Tensor logits, AdversarialKind kind) => kind switch
    {
        AdversarialKind.Hinge => nn.functional.relu(logits.neg().Plus(1)).mean(),
        AdversarialKind.Logistic => nn.functional.logsigmoid(logits).mean().neg(), // softplus(-x)
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "An adversarial loss is of kind Hinge or Logistic."),
    };
}
