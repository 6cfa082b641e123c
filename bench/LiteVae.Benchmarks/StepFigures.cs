using LiteVae.Training;

namespace LiteVae.Benchmarks;

/// <summary>What either side of a comparison measured of a training step.</summary>
/// <param name="Total">The weighted sum of the losses.</param>
/// <param name="Reconstruction">L1.</param>
/// <param name="Kl">KL divergence.</param>
/// <param name="Wavelet">The wavelet loss.</param>
/// <param name="Gaussian">The Gaussian loss.</param>
/// <param name="SquaredError">Mean squared error.</param>
/// <param name="GradientNorm">Before clipping.</param>
/// <param name="Lag">How far the running average is behind the weights after the step.</param>
internal sealed record StepFigures(double Total, double Reconstruction, double Kl, double Wavelet, double Gaussian, double SquaredError, double GradientNorm, double Lag)
{
    /// <summary>Our own.</summary>
    public static StepFigures Of(StepLosses losses, double lag) => new(
        losses.Total, losses.Reconstruction, losses.Kl, losses.Wavelet, losses.Gaussian, 4 / Math.Pow(10, losses.Psnr / 10), losses.GradientNorm, lag);

    /// <summary>The largest difference of any figure, as a share of the other's.</summary>
    public double DifferenceFrom(StepFigures other) => Values.Zip(other.Values, (one, two) => Math.Abs(one - two) / Math.Abs(two)).Max();

    private double[] Values => [Total, Reconstruction, Kl, Wavelet, Gaussian, SquaredError, GradientNorm, Lag];
}
