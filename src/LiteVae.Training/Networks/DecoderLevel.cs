using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>One resolution of the decoder: residual blocks, then nearest x2 upsampling and a 3x3 convolution on all but the last level.</summary>
public sealed class DecoderLevel : nn.Module<Tensor, Tensor>
{
    internal readonly ModuleList<ResidualBlock> blocks;
    internal readonly Conv2d? upsample;

    internal DecoderLevel(int input, int output, int count, bool upsample, BlockNorm norm, Device? device)
        : base(nameof(DecoderLevel))
    {
        blocks = new ModuleList<ResidualBlock>();
        for (var block = 0; block < count; block++)
        {
            blocks.Add(new ResidualBlock(block == 0 ? input : output, output, norm, device));
        }

        this.upsample = upsample ? Layers.Conv(output, output, device) : null;
        RegisterComponents();
    }

    /// <summary>[N, input, H, W] to [N, output, 2H, 2W], or [N, output, H, W] on the last level.</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var h = x;
        foreach (var block in blocks)
        {
            h = block.call(h);
        }

        if (upsample is not null)
        {
            h = upsample.call(nn.functional.interpolate(h, scale_factor: [2, 2], mode: InterpolationMode.Nearest));
        }

        return h.MoveToOuterDisposeScope();
    }
}
