using System.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>The two layers that every network here is made of.</summary>
internal static class Layers
{
    private const int Groups = 32;                // the paper's; S has 16 and 48 channels, which 32 does not divide
    private const double NormEpsilon = 1e-6;      // Stable Diffusion's VAE

    /// <summary>GroupNorm with gcd(32, channels) groups.</summary>
    public static GroupNorm Norm(int channels, Device? device) =>
        nn.GroupNorm((long)BigInteger.GreatestCommonDivisor(Groups, channels), channels, NormEpsilon, device: device);

    /// <summary>A 3x3 convolution that keeps the size, plain after a norm and self-modulated without one.</summary>
    public static nn.Module<Tensor, Tensor> Conv(int input, int output, BlockNorm norm, Device? device) => norm == BlockNorm.GroupNorm
        ? Conv(input, output, device)
        : new SelfModulatedConv2d(input, output, device);

    /// <summary>A plain 3x3 convolution that keeps the size.</summary>
    public static Conv2d Conv(int input, int output, Device? device) => nn.Conv2d(input, output, kernel_size: 3, padding: 1, device: device);
}
