using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>The trainable autoencoder: encoder and decoder of one architecture.</summary>
public sealed class LiteVaeNetwork : nn.Module<Tensor, Tensor>
{
    internal readonly LiteVaeEncoder encoder;
    internal readonly LiteVaeDecoder decoder;

    /// <summary>Creates the network with fresh weights; seed them with <c>torch.manual_seed</c>.</summary>
    /// <param name="architecture">What to build.</param>
    /// <param name="device">Where; null is the CPU. The meta device builds the shapes without weights.</param>
    /// <exception cref="ArgumentException">The architecture cannot be built; the message says why.</exception>
    /// <exception cref="DllNotFoundException">libtorch is not to be found.</exception>
    public LiteVaeNetwork(LiteVaeArchitecture architecture, Device? device = null)
        : base(CheckedName(architecture))
    {
        Architecture = architecture;
        encoder = new LiteVaeEncoder(architecture, device);
        decoder = new LiteVaeDecoder(architecture, device);
        RegisterComponents();
    }

    // the base class calls libtorch, so whether it is there, and has something to build, is asked before
    private static string CheckedName(LiteVaeArchitecture architecture)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        NativeTorch.EnsureLoaded();
        var faults = architecture.Faults().ToList();
        return faults.Count == 0 ? nameof(LiteVaeNetwork) : throw new ArgumentException($"This network cannot be built: {string.Join(" ", faults)}", nameof(architecture));
    }

    /// <summary>What the network was built from.</summary>
    public LiteVaeArchitecture Architecture { get; }

    /// <summary>Images [N, 3, H, W] in [-1, 1], H and W multiples of 8, to moments [N, 2 nz, H/8, W/8].</summary>
    public Tensor Encode(Tensor images) => encoder.call(images);

    /// <summary>Unscaled latents [N, nz, h, w] to images [N, 3, 8h, 8w], not clamped.</summary>
    public Tensor Decode(Tensor latents) => decoder.call(latents);

    /// <summary>The reconstruction from the posterior mean, [N, 3, H, W].</summary>
    public override Tensor forward(Tensor images)
    {
        using var scope = NewDisposeScope();
        var posterior = new DiagonalGaussian(Encode(images));
        return Decode(posterior.Mean).MoveToOuterDisposeScope();
    }
}
