using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>The posterior q(z | x) as tensors: a Gaussian with a diagonal covariance, one per latent value.</summary>
/// <remarks>Mean and LogVar belong to the dispose scope that the posterior is made in, or to its maker where there is none.</remarks>
public sealed class DiagonalGaussian
{
    // Stable Diffusion's range, which the paper keeps: exp(-30) is no noise, exp(20) is nothing but noise.
    private const double MinimumLogVar = -30;
    private const double MaximumLogVar = 20;

    /// <summary>Splits moments [N, 2 nz, h, w] into mean and log-variance, and clamps the latter to [-30, 20].</summary>
    public DiagonalGaussian(Tensor moments)
    {
        using var scope = NewDisposeScope();
        var parts = moments.chunk(2, 1);
        Mean = parts[0].MoveToOuterDisposeScope();
        LogVar = parts[1].Limited(MinimumLogVar, MaximumLogVar).MoveToOuterDisposeScope();
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
        return Mean.Plus(LogVar.Times(0.5).exp() * noise).MoveToOuterDisposeScope();
    }

    /// <summary>KL(q || N(0, I)) = 0.5 sum(mean^2 + exp(logvar) - 1 - logvar) over C, H, W, per sample, [N].</summary>
    public Tensor Kl()
    {
        using var scope = NewDisposeScope();
        return KlOfValues().sum([1, 2, 3]).MoveToOuterDisposeScope();
    }

    /// <summary>Each latent value's part of <see cref="Kl"/>, [N, nz, h, w].</summary>
    internal Tensor KlOfValues()
    {
        using var scope = NewDisposeScope();
        return (Mean.Squared().Plus(LogVar.exp()).Plus(-1) - LogVar).Times(0.5).MoveToOuterDisposeScope();
    }
}
