using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>
/// GroupNorm, SiLU, 3x3 convolution, twice, plus skip (LiteVAE appendix F); or norm-free: SiLU, self-modulated convolution, twice, plus skip.
/// The skip is the identity, or a 1x1 convolution where the width changes.
/// </summary>
public sealed class ResidualBlock : nn.Module<Tensor, Tensor>
{
    internal readonly GroupNorm? norm1;
    internal readonly nn.Module<Tensor, Tensor> conv1;
    internal readonly GroupNorm? norm2;
    internal readonly nn.Module<Tensor, Tensor> conv2;
    internal readonly Conv2d? skip;

    /// <summary>Creates a block from <paramref name="input"/> to <paramref name="output"/> channels.</summary>
    public ResidualBlock(int input, int output, BlockNorm norm, Device? device = null)
        : base(nameof(ResidualBlock))
    {
        norm1 = norm == BlockNorm.GroupNorm ? Layers.Norm(input, device) : null;
        conv1 = Layers.Conv(input, output, norm, device);
        norm2 = norm == BlockNorm.GroupNorm ? Layers.Norm(output, device) : null;
        conv2 = Layers.Conv(output, output, norm, device);
        skip = input == output ? null : nn.Conv2d(input, output, kernel_size: 1, device: device);
        RegisterComponents();
    }

    /// <summary>[N, input, H, W] to [N, output, H, W].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var h = conv1.call(nn.functional.silu(norm1?.call(x) ?? x));
        h = conv2.call(nn.functional.silu(norm2?.call(h) ?? h));
        return (h + (skip?.call(x) ?? x)).MoveToOuterDisposeScope();
    }
}
