using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>A residual block of open-litevae's encoder: 3x3 convolution, GroupNorm, SiLU, twice, plus skip (a 1x1 convolution where the width changes).</summary>
internal sealed class OpenLiteVaeBlock : nn.Module<Tensor, Tensor>
{
    private const int Groups = 8;
    private const double NormEpsilon = 1e-5;

    internal readonly Conv2d conv1;
    internal readonly GroupNorm norm1;
    internal readonly Conv2d conv2;
    internal readonly GroupNorm norm2;
    internal readonly Conv2d? residual_conv;

    public OpenLiteVaeBlock(int input, int output, Device? device)
        : base(nameof(OpenLiteVaeBlock))
    {
        conv1 = Layers.Conv(input, output, device);
        norm1 = Layers.Norm(output, Groups, NormEpsilon, device);
        conv2 = Layers.Conv(output, output, device);
        norm2 = Layers.Norm(output, Groups, NormEpsilon, device);
        residual_conv = input == output ? null : Layers.Conv(input, output, device, kernel: 1);
        RegisterComponents();
    }

    /// <summary>[N, input, H, W] to [N, output, H, W].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var h = nn.functional.silu(norm1.call(conv1.call(x)));
        h = nn.functional.silu(norm2.call(conv2.call(h)));
        return h.Plus(residual_conv?.call(x) ?? x).MoveToOuterDisposeScope();
    }
}
