using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>Stable Diffusion's VAE encoder: every level but the last halves the size.</summary>
internal sealed class KLEncoder : nn.Module<Tensor, Tensor>
{
    internal readonly Conv2d conv_in;
    internal readonly ModuleList<KLDownBlock> down_blocks;
    internal readonly KLMidBlock mid_block;
    internal readonly GroupNorm conv_norm_out;
    internal readonly Conv2d conv_out;

    public KLEncoder(AutoencoderKLArchitecture architecture, Device? device)
        : base(nameof(KLEncoder))
    {
        var (channels, groups) = (architecture.BlockOutChannels, architecture.NormNumGroups);
        conv_in = Layers.Conv(3, channels[0], device);

        down_blocks = new ModuleList<KLDownBlock>();
        for (var level = 0; level < channels.Count; level++)
        {
            var isLast = level == channels.Count - 1;
            down_blocks.Add(new KLDownBlock(channels[Math.Max(level - 1, 0)], channels[level], architecture.LayersPerBlock, groups, downsample: !isLast, device));
        }

        mid_block = new KLMidBlock(channels[^1], groups, architecture.MidBlockAddAttention, device);
        conv_norm_out = Layers.Norm(channels[^1], groups, KLResnetBlock.NormEpsilon, device);
        conv_out = Layers.Conv(channels[^1], 2 * architecture.LatentChannels, device);
        RegisterComponents();
    }

    /// <summary>Images [N, 3, H, W] in [-1, 1] to [N, 2 nz, H/f, W/f].</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var h = conv_in.call(x);
        foreach (var level in down_blocks)
        {
            h = level.call(h);                                     // half the size, but for the last
        }

        h = mid_block.call(h);
        return conv_out.call(nn.functional.silu(conv_norm_out.call(h))).MoveToOuterDisposeScope();
    }
}
