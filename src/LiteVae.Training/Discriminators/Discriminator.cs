using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>Tells photos from reconstructions: what the adversarial loss trains the autoencoder against (LiteVAE section 3.2, Table 10).</summary>
/// <remarks>
/// A discriminator judges every image by itself: no batch statistics, so a batch split over processes is judged as the whole one.
/// In training mode every forward also moves the spectral norms' vectors (see <see cref="SpectralConv2d"/>).
/// </remarks>
internal abstract class Discriminator : nn.Module<Tensor, Tensor[]>
{
    /// <summary>The widths that <see cref="Create"/> builds.</summary>
    internal static readonly IReadOnlyList<int> Widths = [16, 32, 64];

    private protected Discriminator(string name, int minimumSide, int sideMultiple)
        : base(name) => (MinimumSide, SideMultiple) = (minimumSide, sideMultiple);

    /// <summary>The least height and width of an image, in pixels.</summary>
    public int MinimumSide { get; }

    /// <summary>What height and width must be multiples of; 1 where every side will do.</summary>
    public int SideMultiple { get; }

    /// <summary>A discriminator with fresh weights.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="width">Channels at the finest level: 16, 32 or 64.</param>
    /// <param name="device">Where; null is the CPU.</param>
    /// <exception cref="ArgumentException">No such kind or width.</exception>
    public static Discriminator Create(DiscriminatorKind kind, int width, Device? device = null)
    {
        if (!Widths.Contains(width))
        {
            throw new ArgumentOutOfRangeException(nameof(width), width, $"A discriminator's width is one of {string.Join(", ", Widths)}.");
        }

        return kind switch
        {
            DiscriminatorKind.UNet => new UNetDiscriminator(width, device),
            DiscriminatorKind.Patch => new PatchDiscriminator(width, device: device),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "A discriminator is of kind UNet or Patch."),
        };
    }

    /// <summary>Images [N, 3, H, W] in [-1, 1] to maps of logits, each [N, 1, ...]: the higher, the more real.</summary>
    /// <exception cref="ArgumentException">Not such images, or their sides are too small or no multiples of <see cref="SideMultiple"/>.</exception>
    public Tensor[] Judge(Tensor images)
    {
        if (images.dim() != 4 || images.shape[1] != 3 || !Fits(images.shape[2]) || !Fits(images.shape[3]))
        {
            throw new ArgumentException(
                $"{GetName()} takes images [N, 3, H, W], H and W at least {MinimumSide} and multiples of {SideMultiple}; got [{string.Join(", ", images.shape)}].",
                nameof(images));
        }

        using var scope = NewDisposeScope();
        return [.. call(images).Select(map => map.MoveToOuterDisposeScope())];
    }

    private bool Fits(long side) => side >= MinimumSide && side % SideMultiple == 0;
}
