using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>
/// A 3x3 convolution that normalises its weight, not its activations (LiteVAE section 3.3):
/// w'_oikl = g s_i w_oikl / sqrt(sum_ikl (s_i w_oikl)^2 + eps). The scale does not depend on the input, so w' is a constant at inference.
/// </summary>
public sealed class SelfModulatedConv2d : nn.Module<Tensor, Tensor>
{
    private const double Epsilon = 1e-8; // the paper's

    internal readonly Parameter weight; // [O, I, 3, 3]
    internal readonly Parameter bias;   // [O]
    internal readonly Parameter scale;  // s, one per input channel
    internal readonly Parameter gain;   // g

    /// <summary>Creates the convolution; weights start as PyTorch's Conv2d does, scale and gain at 1.</summary>
    public SelfModulatedConv2d(int input, int output, Device? device = null)
        : base(nameof(SelfModulatedConv2d))
    {
        using var temporaries = NewDisposeScope(); // TorchSharp's constructor leaves a view of the weight behind
        using var plain = nn.Conv2d(input, output, kernel_size: 3, padding: 1, device: device);
        weight = nn.Parameter(plain.weight.detach().clone());
        bias = nn.Parameter(plain.bias!.detach().clone());
        scale = nn.Parameter(ones(input, device: device));
        gain = nn.Parameter(ones(1, device: device));
        RegisterComponents();

        // As TorchSharp's own layers do: a network made inside a dispose scope outlives it.
        foreach (var parameter in parameters())
        {
            parameter.DetachFromDisposeScope();
        }
    }

    /// <summary>The weight of the plain convolution that this one equals, [O, I, 3, 3].</summary>
    public Tensor FoldedWeight() => Fold(weight, scale, gain);

    /// <summary>w' of the formula above, [O, I, 3, 3].</summary>
    internal static Tensor Fold(Tensor weight, Tensor scale, Tensor gain)
    {
        using var scope = NewDisposeScope();
        var modulated = weight * scale.view(1, -1, 1, 1);
        var norm = modulated.Squared().sum([1, 2, 3], keepdim: true).Plus(Epsilon).rsqrt();
        return (modulated * norm * gain).MoveToOuterDisposeScope();
    }

    /// <summary>[N, I, H, W] to [N, O, H, W].</summary>
    public override Tensor forward(Tensor x)
    {
        using var folded = FoldedWeight();
        return nn.functional.conv2d(x, folded, bias, padding: [1, 1]);
    }
}
