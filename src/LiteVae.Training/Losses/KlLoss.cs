using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>KL divergence of the posterior from N(0, I) (LiteVAE section 2), by default per latent value, so that its weight holds for every resolution and nz.</summary>
/// <remarks>A published weight on the sum over C, H, W corresponds to one on the mean times (3 x 64) / nz, against a reconstruction loss summed likewise.</remarks>
internal static class KlLoss
{
    /// <summary>The KL divergence in nats: a latent value's (mean over the batch and C, H, W) or a latent's (sum over C, H, W, mean over the batch).</summary>
    /// <param name="posterior">The posterior.</param>
    /// <param name="normalisation">Which of the two.</param>
    /// <param name="freeBits">
    /// A floor for each channel's KL divergence, averaged over batch and space, in nats a latent value (Kingma et al. 2016): below it a channel costs the floor
    /// and has no gradient. 0 is off. The average is over this batch: of a batch in parts it is each part's.
    /// </param>
    public static Tensor Compute(DiagonalGaussian posterior, KlNormalisation normalisation = KlNormalisation.Mean, double freeBits = 0)
    {
        if (!(freeBits >= 0))
        {
            throw new ArgumentOutOfRangeException(nameof(freeBits), freeBits, "Free bits are nats a latent value, 0 or more.");
        }

        using var scope = NewDisposeScope();
        var shape = posterior.Mean.shape;
        var values = shape[1] * shape[2] * shape[3];
        var kl = freeBits == 0
            ? posterior.Kl().mean()
            : posterior.KlOfValues().mean([0, 2, 3]).AtLeast(freeBits).mean().Times(values);
        return normalisation switch
        {
            KlNormalisation.Mean => kl.Times(1.0 / values).MoveToOuterDisposeScope(),
            KlNormalisation.Sum => kl.MoveToOuterDisposeScope(),
            _ => throw new ArgumentOutOfRangeException(nameof(normalisation), normalisation, "A KL divergence is normalised by Mean or Sum."),
        };
    }
}
