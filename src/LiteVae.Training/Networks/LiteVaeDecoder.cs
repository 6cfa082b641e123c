using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>
/// Stable Diffusion's VAE decoder (LiteVAE appendix F), with GroupNorm or self-modulated convolutions (Table 4), ending in the image or,
/// at half resolution, in its wavelet sub-bands.
/// </summary>
/// <remarks>The last convolution stays a plain one in the self-modulated form: demodulated, all output channels would share one scale.</remarks>
public sealed class LiteVaeDecoder : nn.Module<Tensor, Tensor>
{
    internal readonly Conv2d? postquant;
    internal readonly Conv2d stem;
    internal readonly ModuleList<nn.Module<Tensor, Tensor>> mid;
    internal readonly ModuleList<DecoderLevel> up;
    internal readonly GroupNorm? norm;
    internal readonly Conv2d head;

    internal readonly ConvTranspose2d? linear; // fixed
    internal readonly double Share;

    internal readonly DecoderOutput Output;

    /// <summary>Creates the decoder of an architecture.</summary>
    public LiteVaeDecoder(LiteVaeArchitecture architecture, Device? device = null)
        : base(nameof(LiteVaeDecoder))
    {
        var shape = architecture.Decoder;
        Output = shape.Output;
        var levels = shape.Multipliers.Count; // 4 to the image, 3 to its sub-bands at half the size
        var nz = architecture.LatentChannels;
        var width = shape.Width * shape.Multipliers[^1];
        postquant = architecture.LatentConvolutions ? Layers.Conv(nz, nz, device, kernel: 1) : null;
        stem = Layers.Conv(nz, width, device);

        mid = new ModuleList<nn.Module<Tensor, Tensor>>
        {
            new ResidualBlock(width, width, shape.Norm, device),
            shape.Attention ? new SelfAttention(width, device) : new ResidualBlock(width, width, shape.Norm, device),
            new ResidualBlock(width, width, shape.Norm, device),
        };

        up = new ModuleList<DecoderLevel>();
        for (var level = levels - 1; level >= 0; level--)
        {
            var output = shape.Width * shape.Multipliers[level];
            up.Add(new DecoderLevel(width, output, shape.BlocksPerLevel, upsample: level > 0, shape.Norm, device));
            width = output;
        }

        norm = shape.Norm == BlockNorm.GroupNorm ? Layers.Norm(width, device) : null;
        head = Layers.Conv(width, Output == DecoderOutput.Image ? 3 : 12, device);
        linear = architecture.LinearCode is null ? null : LinearCode.Synthesis(nz, device);
        Share = architecture.LinearCode?.NetworkShare ?? 1;
        RegisterComponents();
        if (linear is not null)
        {
            nn.init.zeros_(head.weight); // the image starts as the linear code's
        }
    }

    /// <summary>Latents [N, nz, h, w], unscaled, to images [N, 3, 8h, 8w] around [-1, 1], not clamped.</summary>
    public override Tensor forward(Tensor z)
    {
        using var scope = NewDisposeScope();
        var latent = z.to(stem.weight.dtype);
        var h = stem.call(postquant?.call(latent) ?? latent);  // [N, width * last multiplier, h, w]

        foreach (var block in mid)
        {
            h = block.call(h);
        }

        foreach (var level in up)
        {
            h = level.call(h);                                 // twice the size, but for the last
        }

        h = head.call(nn.functional.silu(norm?.call(h) ?? h)); // [N, 3, 8h, 8w] or [N, 12, 4h, 4w]
        h = h.to(z.dtype);
        h = Output == DecoderOutput.Image ? h : HaarWavelet.Inverse(h.Times(2));
        return (linear is null ? h : h.Times(Share).Plus(linear.call(z))).MoveToOuterDisposeScope();
    }
}
