using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>ReLU, 3x3 convolution, twice, plus skip (identity, or 1x1 where the width changes), then perhaps 2x2 average pooling: BigGAN's block, without norms.</summary>
internal sealed class DiscriminatorBlock : nn.Module<Tensor, Tensor>
{
    internal readonly SpectralConv2d conv1;
    internal readonly SpectralConv2d conv2;
    internal readonly SpectralConv2d? skip;

    private readonly bool _halve;

    /// <summary>Creates a block from <paramref name="input"/> to <paramref name="output"/> channels.</summary>
    public DiscriminatorBlock(int input, int output, bool halve, Device? device = null)
        : base(nameof(DiscriminatorBlock))
    {
        _halve = halve;
        conv1 = new SpectralConv2d(input, output, 3, device);
        conv2 = new SpectralConv2d(output, output, 3, device);
        skip = input == output ? null : new SpectralConv2d(input, output, 1, device);
        RegisterComponents();
    }

    /// <summary>[N, input, H, W] to [N, output, H, W], or to [N, output, H/2, W/2] where it halves.</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var h = conv1.call(nn.functional.relu(x));
        h = conv2.call(nn.functional.relu(h));
        h = h.Plus(skip?.call(x) ?? x);
        return (_halve ? nn.functional.avg_pool2d(h, 2) : h).MoveToOuterDisposeScope();
    }
}
