using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>An autoencoder with weights: what is imported, exported, measured and compared.</summary>
/// <remarks>The tensors of a <see cref="LiteVaeNetwork"/> are called as the paper's figure; those of an imported architecture as in its own files.</remarks>
public abstract class AutoencoderNetwork : nn.Module<Tensor, Tensor>
{
    private protected AutoencoderNetwork(string name, ModelArchitecture architecture)
        : base(CheckedName(name, architecture)) => Architecture = architecture;

    /// <summary>What the network was built from.</summary>
    // Not overridden with a narrower type: TorchSharp's Module.to gathers the properties by name and throws where one name comes twice.
    public ModelArchitecture Architecture { get; }

    /// <summary>Images [N, 3, H, W] in [-1, 1], H and W multiples of the downsampling factor f, to moments [N, 2 nz, H/f, W/f]: mean, then log-variance, unclamped.</summary>
    public abstract Tensor Encode(Tensor images);

    /// <summary>Unscaled latents [N, nz, h, w] to images [N, 3, f h, f w], not clamped.</summary>
    public abstract Tensor Decode(Tensor latents);

    /// <summary>The reconstruction from the posterior mean, [N, 3, H, W].</summary>
    public override Tensor forward(Tensor images)
    {
        using var scope = NewDisposeScope();
        var posterior = new DiagonalGaussian(Encode(images));
        return Decode(posterior.Mean).MoveToOuterDisposeScope();
    }

    /// <summary>The network of an architecture, with fresh weights.</summary>
    /// <param name="architecture">What to build.</param>
    /// <param name="device">Where; null is the CPU. The meta device builds the shapes without weights.</param>
    /// <exception cref="ArgumentException">The architecture cannot be built; the message says why.</exception>
    /// <exception cref="DllNotFoundException">libtorch is not to be found.</exception>
    public static AutoencoderNetwork Create(ModelArchitecture architecture, Device? device = null) => architecture switch
    {
        LiteVaeArchitecture own => new LiteVaeNetwork(own, device),
        OpenLiteVaeArchitecture open => new OpenLiteVaeNetwork(open, device),
        AutoencoderKLArchitecture kl => new AutoencoderKLNetwork(kl, device),
        _ => throw new ArgumentException($"There is no network for a {architecture?.GetType().Name ?? "null"}.", nameof(architecture)),
    };

    // The base class calls libtorch, so whether it is there, and has something to build, is asked before.
    private static string CheckedName(string name, ModelArchitecture architecture)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        NativeTorch.EnsureLoaded();
        var faults = architecture.Faults().ToList();
        return faults.Count == 0 ? name : throw new ArgumentException($"This network cannot be built: {string.Join(" ", faults)}", nameof(architecture));
    }
}
