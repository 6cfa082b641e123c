using System.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>The layers that every network here is made of.</summary>
internal static class Layers
{
    private const int Groups = 32;                // the paper's; S has 16 and 48 channels, which 32 does not divide
    private const double NormEpsilon = 1e-6;      // Stable Diffusion's VAE

    /// <summary>GroupNorm with gcd(32, channels) groups, weight 1 and bias 0.</summary>
    public static GroupNorm Norm(int channels, Device? device) => Norm(channels, (int)BigInteger.GreatestCommonDivisor(Groups, channels), NormEpsilon, device);

    /// <summary>GroupNorm with weight 1 and bias 0.</summary>
    public static GroupNorm Norm(int channels, int groups, double epsilon, Device? device)
    {
        var norm = nn.GroupNorm(groups, channels, epsilon, device: device);

        // TorchSharp 0.107 leaves both uninitialised: whatever was in the memory, NaN included
        nn.init.ones_(norm.weight);
        nn.init.zeros_(norm.bias);
        return norm;
    }

    /// <summary>A 3x3 convolution that keeps the size, plain after a norm and self-modulated without one.</summary>
    public static nn.Module<Tensor, Tensor> Conv(int input, int output, BlockNorm norm, Device? device) => norm == BlockNorm.GroupNorm
        ? Conv(input, output, device)
        : new SelfModulatedConv2d(input, output, device);

    /// <summary>
    /// A plain convolution, which keeps the size unless told otherwise, its weights drawn so that its output varies as its input does (LeCun normal) and its bias 0.
    /// </summary>
    /// <remarks>Fresh blocks are the identity, so these follow one another directly: PyTorch's own start, a third of the variance each, would leave nothing of the signal.</remarks>
    public static Conv2d Conv(int input, int output, Device? device, int kernel = 3, int stride = 1, int? padding = null)
    {
        using var temporaries = NewDisposeScope(); // TorchSharp's constructor leaves a view of the weight behind
        var conv = nn.Conv2d(input, output, kernel_size: kernel, stride: stride, padding: padding ?? kernel / 2, device: device);
        nn.init.normal_(conv.weight, 0, 1 / Math.Sqrt(input * kernel * kernel));
        nn.init.zeros_(conv.bias!);
        return conv;
    }
}
