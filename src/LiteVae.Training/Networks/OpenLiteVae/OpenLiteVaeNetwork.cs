using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>The autoencoder of open-litevae, for its published weights. Its fields, and so its tensors, are called as in those files.</summary>
public sealed class OpenLiteVaeNetwork : AutoencoderNetwork
{
    internal readonly OpenLiteVaeEncoder encoder;
    internal readonly OpenLiteVaeQuantizer? quantizer;
    internal readonly OpenLiteVaeDecoder decoder;

    /// <summary>Creates the network with fresh weights.</summary>
    /// <param name="architecture">What to build.</param>
    /// <param name="device">Where; null is the CPU. The meta device builds the shapes without weights.</param>
    /// <exception cref="ArgumentException">The architecture cannot be built; the message says why.</exception>
    /// <exception cref="DllNotFoundException">libtorch is not to be found.</exception>
    public OpenLiteVaeNetwork(OpenLiteVaeArchitecture architecture, Device? device = null)
        : base(nameof(OpenLiteVaeNetwork), architecture)
    {
        encoder = new OpenLiteVaeEncoder(architecture, device);
        quantizer = architecture.UseQuant ? new OpenLiteVaeQuantizer(architecture.EmbedDim, device) : null;
        decoder = new OpenLiteVaeDecoder(architecture, device);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor Encode(Tensor images)
    {
        using var scope = NewDisposeScope();
        var moments = encoder.call(images);
        return (quantizer?.quant_conv.call(moments) ?? moments).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Decode(Tensor latents)
    {
        using var scope = NewDisposeScope();
        return decoder.call(quantizer?.post_quant_conv.call(latents) ?? latents).MoveToOuterDisposeScope();
    }
}
