using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>Stable Diffusion's VAE decoder: every level but the last doubles the size.</summary>
internal sealed class KLDecoder : nn.Module<Tensor, Tensor>
{
    internal readonly Conv2d conv_in;
    internal readonly KLMidBlock mid_block;
    internal readonly ModuleList<KLUpBlock> up_blocks; // coarsest first, as the files number them
    internal readonly GroupNorm conv_norm_out;
    internal readonly Conv2d conv_out;

    public KLDecoder(AutoencoderKLArchitecture architecture, Device? device)
        : base(nameof(KLDecoder))
    {
        var (channels, groups) = (architecture.BlockOutChannels, architecture.NormNumGroups);
        conv_in = Layers.Conv(architecture.LatentChannels, channels[^1], device);
        mid_block = new KLMidBlock(channels[^1], groups, architecture.MidBlockAddAttention, device);

        up_blocks = new ModuleList<KLUpBlock>();
        for (var level = channels.Count - 1; level >= 0; level--)
        {
            var input = channels[Math.Min(level + 1, channels.Count - 1)];
            up_blocks.Add(new KLUpBlock(input, channels[level], architecture.LayersPerBlock + 1, groups, upsample: level > 0, device));
        }

        conv_norm_out = Layers.Norm(channels[0], groups, KLResnetBlock.NormEpsilon, device);
        conv_out = Layers.Conv(channels[0], 3, device);
        RegisterComponents();
    }

    /// <summary>[N, nz, h, w] to images [N, 3, f h, f w] around [-1, 1], not clamped.</summary>
    public override Tensor forward(Tensor z)
    {
        using var scope = NewDisposeScope();
        var h = mid_block.call(conv_in.call(z));
        foreach (var level in up_blocks)
        {
            h = level.call(h);                                     // twice the size, but for the last
        }

        return conv_out.call(nn.functional.silu(conv_norm_out.call(h))).MoveToOuterDisposeScope();
    }
}
