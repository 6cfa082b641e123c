using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>The posterior q(z | x) as tensors: a Gaussian with a diagonal covariance, one per latent value.</summary>
/// <remarks>Holds two views of the moments; whoever made the moments disposes them.</remarks>
public sealed class DiagonalGaussian
{
    // Stable Diffusion's range, which the paper keeps: exp(-30) is no noise, exp(20) is nothing but noise.
    private const double MinimumLogVar = -30;
    private const double MaximumLogVar = 20;

    /// <summary>Splits moments [N, 2 nz, h, w] into mean and log-variance, and clamps the latter to [-30, 20].</summary>
    public DiagonalGaussian(Tensor moments)
    {
        var parts = moments.chunk(2, 1);
        Mean = parts[0];
        LogVar = parts[1].clamp(MinimumLogVar, MaximumLogVar);
    }

    /// <summary>The mean, also the mode, [N, nz, h, w].</summary>
    public Tensor Mean { get; }

    /// <summary>The log-variance in [-30, 20], [N, nz, h, w].</summary>
    public Tensor LogVar { get; }

    /// <summary>A draw mean + exp(logvar / 2) noise, [N, nz, h, w], differentiable by the moments.</summary>
    /// <param name="noise">Standard normal noise [N, nz, h, w].</param>
    public Tensor Sample(Tensor noise)
    {
        using var scope = NewDisposeScope();
        return (Mean + ((LogVar * 0.5).exp() * noise)).MoveToOuterDisposeScope();
    }

    /// <summary>KL(q || N(0, I)) = 0.5 sum(mean^2 + exp(logvar) - 1 - logvar) over C, H, W, per sample, [N].</summary>
    public Tensor Kl()
    {
        using var scope = NewDisposeScope();
        return (0.5 * (Mean.square() + LogVar.exp() - 1 - LogVar).sum([1, 2, 3])).MoveToOuterDisposeScope();
    }
}
