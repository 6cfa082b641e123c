using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>A self-modulated 3x3 convolution as open-litevae keeps it: the same function as <see cref="SelfModulatedConv2d"/>, other tensors' names.</summary>
internal sealed class OpenLiteVaeConv : nn.Module<Tensor, Tensor>
{
    internal readonly Conv2d conv;
    internal readonly Parameter scales; // one per input channel
    internal readonly Parameter gain;

    public OpenLiteVaeConv(int input, int output, Device? device)
        : base(nameof(OpenLiteVaeConv))
    {
        conv = Layers.Conv(input, output, device);
        scales = nn.Parameter(ones(input, device: device));
        gain = nn.Parameter(ones(1, device: device));
        RegisterComponents();

        // As TorchSharp's own layers do: a network made inside a dispose scope outlives it.
        scales.DetachFromDisposeScope();
        gain.DetachFromDisposeScope();
    }

    /// <summary>The weight of the plain convolution that this one equals, [O, I, 3, 3].</summary>
    public Tensor FoldedWeight() => SelfModulatedConv2d.Fold(conv.weight, scales, gain);

    /// <summary>[N, I, H, W] to [N, O, H, W].</summary>
    public override Tensor forward(Tensor x)
    {
        using var folded = FoldedWeight();
        return nn.functional.conv2d(x, folded, conv.bias, padding: [1, 1]);
    }
}
