using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>GroupNorm, SiLU, 3x3 convolution, twice, plus skip (a 1x1 convolution where the width changes).</summary>
internal sealed class KLResnetBlock : nn.Module<Tensor, Tensor>
{
    /// <summary>Of every group normalisation of the architecture.</summary>
    internal const double NormEpsilon = 1e-6;

    internal readonly GroupNorm norm1;
    internal readonly Conv2d conv1;
    internal readonly GroupNorm norm2;
    internal readonly Conv2d conv2;
    internal readonly Conv2d? conv_shortcut;

    public KLResnetBlock(int input, int output, int groups, Device? device)
        : base(nameof(KLResnetBlock))
    {
        norm1 = Layers.Norm(input, groups, NormEpsilon, device);
        conv1 = Layers.Conv(input, output, device);
        norm2 = Layers.Norm(output, groups, NormEpsilon, device);
        conv2 = Layers.Conv(output, output, device);
        conv_shortcut = input == output ? null : Layers.Conv(input, output, device, kernel: 1);
        RegisterComponents();
    }

    /// <summary>The blocks of a level: the first changes the width, the others keep it.</summary>
    public static ModuleList<KLResnetBlock> Several(int input, int output, int count, int groups, Device? device) =>
        new([.. Enumerable.Range(0, count).Select(i => new KLResnetBlock(i == 0 ? input : output, output, groups, device))]);

    /// <summary>[N, input, H, W] to [N, output, H, W].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var h = conv1.call(nn.functional.silu(norm1.call(x)));
        h = conv2.call(nn.functional.silu(norm2.call(h)));
        return h.Plus(conv_shortcut?.call(x) ?? x).MoveToOuterDisposeScope();
    }
}
