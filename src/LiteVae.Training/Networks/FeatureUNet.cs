using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>The UNet without resampling that extracts and aggregates wavelet features (LiteVAE section 3.1 and appendix F, after ADM).</summary>
public sealed class FeatureUNet : nn.Module<Tensor, Tensor>
{
    /// <summary>Residual blocks per level: the paper does not say; 2 reproduces every parameter count that it publishes.</summary>
    internal const int BlocksPerLevel = 2;

    internal readonly Conv2d stem;
    internal readonly ModuleList<ResidualBlock> down;
    internal readonly ModuleList<ResidualBlock> mid;
    internal readonly ModuleList<ResidualBlock> up;
    internal readonly Conv2d head;

    /// <summary>Creates a UNet from <paramref name="input"/> to <paramref name="output"/> channels.</summary>
    public FeatureUNet(int input, int output, UNetShape shape, BlockNorm norm, Device? device = null)
        : base(nameof(FeatureUNet))
    {
        stem = Layers.Conv(input, shape.Width, device);
        var width = shape.Width;
        var skips = new Stack<int>();

        down = new ModuleList<ResidualBlock>();
        foreach (var multiplier in shape.Multipliers)
        {
            for (var block = 0; block < BlocksPerLevel; block++)
            {
                down.Add(new ResidualBlock(width, shape.Width * multiplier, norm, device));
                width = shape.Width * multiplier;
                skips.Push(width);
            }
        }

        mid = new ModuleList<ResidualBlock>();
        for (var block = 0; block < BlocksPerLevel; block++)
        {
            mid.Add(new ResidualBlock(width, width, norm, device));
        }

        up = new ModuleList<ResidualBlock>();
        foreach (var multiplier in shape.Multipliers.Reverse())
        {
            for (var block = 0; block < BlocksPerLevel; block++)
            {
                up.Add(new ResidualBlock(width + skips.Pop(), shape.Width * multiplier, norm, device));
                width = shape.Width * multiplier;
            }
        }

        head = Layers.Conv(width, output, device);
        RegisterComponents();
    }

    /// <summary>[N, input, H, W] to [N, output, H, W].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var skips = new Stack<Tensor>();
        var h = stem.call(x);

        // down: every block's output is a skip (the stem's is not: the paper's stack holds it, but nothing pops it)
        foreach (var block in down)
        {
            h = block.call(h);
            skips.Push(h);
        }

        // middle
        foreach (var block in mid)
        {
            h = block.call(h);
        }

        // up
        foreach (var block in up)
        {
            h = block.call(cat([h, skips.Pop()], 1));
        }

        return head.call(h).MoveToOuterDisposeScope();
    }
}
