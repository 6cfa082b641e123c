using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>KL divergence of the posterior from N(0, I) (LiteVAE section 2), per latent value, so that its weight holds for every resolution and nz.</summary>
/// <remarks>A published weight on the sum over C, H, W corresponds to this one times (3 x 64) / nz, against a reconstruction loss summed likewise.</remarks>
internal static class KlLoss
{
    /// <summary>The KL divergence's mean over the batch and over C, H, W, in nats a latent value.</summary>
    public static Tensor Compute(DiagonalGaussian posterior)
    {
        using var scope = NewDisposeScope();
        var values = posterior.Mean.shape[1] * posterior.Mean.shape[2] * posterior.Mean.shape[3];
        return posterior.Kl().mean().Times(1.0 / values).MoveToOuterDisposeScope();
    }
}
