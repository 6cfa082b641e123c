using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>The trainable LiteVAE: encoder and decoder of one architecture.</summary>
public sealed class LiteVaeNetwork : AutoencoderNetwork
{
    internal readonly LiteVaeEncoder encoder;
    internal readonly LiteVaeDecoder decoder;

    /// <summary>Creates the network with fresh weights; seed them with <c>torch.manual_seed</c>.</summary>
    /// <param name="architecture">What to build.</param>
    /// <param name="device">Where; null is the CPU. The meta device builds the shapes without weights.</param>
    /// <exception cref="ArgumentException">The architecture cannot be built; the message says why.</exception>
    /// <exception cref="DllNotFoundException">libtorch is not to be found.</exception>
    public LiteVaeNetwork(LiteVaeArchitecture architecture, Device? device = null)
        : base(nameof(LiteVaeNetwork), architecture)
    {
        encoder = new LiteVaeEncoder(architecture, device);
        decoder = new LiteVaeDecoder(architecture, device);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor Encode(Tensor images) => encoder.call(images);

    /// <inheritdoc/>
    public override Tensor Decode(Tensor latents) => decoder.call(latents);
}
