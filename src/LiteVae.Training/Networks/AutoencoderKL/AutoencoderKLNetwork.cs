using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>
/// Diffusers' <c>AutoencoderKL</c>, the autoencoder of Stable Diffusion: the baseline that LiteVAE is compared with. Its fields, and so its
/// tensors, are called as in Diffusers' files.
/// </summary>
public sealed class AutoencoderKLNetwork : AutoencoderNetwork
{
    internal readonly KLEncoder encoder;
    internal readonly Conv2d? quant_conv;
    internal readonly Conv2d? post_quant_conv;
    internal readonly KLDecoder decoder;

    /// <summary>Creates the network with fresh weights.</summary>
    /// <param name="architecture">What to build.</param>
    /// <param name="device">Where; null is the CPU. The meta device builds the shapes without weights.</param>
    /// <exception cref="ArgumentException">The architecture cannot be built; the message says why.</exception>
    /// <exception cref="DllNotFoundException">libtorch is not to be found.</exception>
    public AutoencoderKLNetwork(AutoencoderKLArchitecture architecture, Device? device = null)
        : base(nameof(AutoencoderKLNetwork), architecture)
    {
        var nz = architecture.LatentChannels;
        encoder = new KLEncoder(architecture, device);
        quant_conv = architecture.UseQuantConv ? Layers.Conv(2 * nz, 2 * nz, device, kernel: 1) : null;
        post_quant_conv = architecture.UsePostQuantConv ? Layers.Conv(nz, nz, device, kernel: 1) : null;
        decoder = new KLDecoder(architecture, device);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor Encode(Tensor images)
    {
        using var scope = NewDisposeScope();
        var moments = encoder.call(images);
        return (quant_conv?.call(moments) ?? moments).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Decode(Tensor latents)
    {
        using var scope = NewDisposeScope();
        return decoder.call(post_quant_conv?.call(latents) ?? latents).MoveToOuterDisposeScope();
    }
}
