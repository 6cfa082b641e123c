using TorchSharp;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>Mean absolute error between what a Gaussian blur removes from image and from reconstruction (LiteVAE section 3.2).</summary>
internal static class GaussianLoss
{
    // The paper is silent on the kernel: 5x5 with sigma 1, reflected borders, is what its public re-implementation is said to use.
    private const int Radius = 2;
    private const double Sigma = 1;

    /// <summary>Images [N, 3, H, W], twice, H and W at least 3, to a scalar in the images' units.</summary>
    public static Tensor Compute(Tensor image, Tensor reconstruction)
    {
        using var scope = NewDisposeScope();
        var difference = reconstruction - image;                              // linear, so the difference is blurred once
        return (difference - Blur(difference)).abs().mean().MoveToOuterDisposeScope();
    }

    private static Tensor Blur(Tensor x)
    {
        var channels = x.shape[1];
        var distances = ones((2 * Radius) + 1, dtype: x.dtype, device: x.device).cumsum(0).Plus(-Radius - 1); // made on the device: a copy there would wait for it
        var taps = distances.Squared().Times(-1 / (2 * Sigma * Sigma)).exp();
        var kernel = taps / taps.sum();
        var vertical = kernel.view(1, 1, -1, 1).expand(channels, 1, -1, 1);
        var horizontal = kernel.view(1, 1, 1, -1).expand(channels, 1, 1, -1);
        var padded = nn.functional.pad(x, [Radius, Radius, Radius, Radius], PaddingModes.Reflect);
        return nn.functional.conv2d(nn.functional.conv2d(padded, vertical, groups: channels), horizontal, groups: channels);
    }
}
