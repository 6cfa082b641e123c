using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>A residual block of open-litevae's decoder: self-modulated convolution, SiLU, twice, plus skip (a 1x1 convolution where the width changes).</summary>
internal sealed class OpenLiteVaeDecoderBlock : nn.Module<Tensor, Tensor>
{
    internal readonly OpenLiteVaeConv conv1;
    internal readonly OpenLiteVaeConv conv2;
    internal readonly Conv2d? nin_shortcut;

    public OpenLiteVaeDecoderBlock(int input, int output, Device? device)
        : base(nameof(OpenLiteVaeDecoderBlock))
    {
        conv1 = new OpenLiteVaeConv(input, output, device);
        conv2 = new OpenLiteVaeConv(output, output, device);
        nin_shortcut = input == output ? null : Layers.Conv(input, output, device, kernel: 1);
        RegisterComponents();
    }

    /// <summary>[N, input, H, W] to [N, output, H, W].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var h = nn.functional.silu(conv1.call(x));
        h = nn.functional.silu(conv2.call(h));
        return h.Plus(nin_shortcut?.call(x) ?? x).MoveToOuterDisposeScope();
    }
}
