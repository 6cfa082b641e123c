using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>
/// An encoder that judges the image and a decoder that judges every pixel (Schoenfeld et al. 2020), made of BigGAN's blocks, every
/// convolution spectrally normalised. It halves the image four times, to at most 8 times the width.
/// </summary>
/// <remarks>
/// Two departures from that paper: the image's logit is taken of the mean over the bottleneck, not of the sum, so that its scale is the same at every
/// resolution; and the decoder's last block also sees the stem, at full size.
/// </remarks>
internal sealed class UNetDiscriminator : Discriminator
{
    private const int Halvings = 4;

    internal readonly SpectralConv2d stem;
    internal readonly ModuleList<DiscriminatorBlock> down;
    internal readonly DiscriminatorBlock mid;
    internal readonly SpectralConv2d whole;
    internal readonly ModuleList<DiscriminatorBlock> up;
    internal readonly SpectralConv2d pixel;

    /// <summary>Creates the discriminator; <paramref name="width"/> is the channels at full size.</summary>
    public UNetDiscriminator(int width, Device? device = null)
        : base(nameof(UNetDiscriminator), minimumSide: 1 << Halvings, sideMultiple: 1 << Halvings)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        int[] widths = [.. Enumerable.Range(0, Halvings + 1).Select(level => width * Math.Min(1 << level, 8))];

        stem = new SpectralConv2d(3, width, 3, device);
        down = new ModuleList<DiscriminatorBlock>();
        for (var level = 0; level < Halvings; level++)
        {
            down.Add(new DiscriminatorBlock(widths[level], widths[level + 1], halve: true, device));
        }

        mid = new DiscriminatorBlock(widths[^1], widths[^1], halve: false, device);
        whole = new SpectralConv2d(widths[^1], 1, 1, device);
        up = new ModuleList<DiscriminatorBlock>();
        for (var level = Halvings - 1; level >= 0; level--)
        {
            up.Add(new DiscriminatorBlock(widths[level + 1] + widths[level], widths[level], halve: false, device));
        }

        pixel = new SpectralConv2d(width, 1, 1, device);
        RegisterComponents();
    }

    /// <summary>[N, 3, H, W] to the image's logit [N, 1] and the pixels' [N, 1, H, W].</summary>
    public override Tensor[] forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var skips = new Stack<Tensor>();
        var h = stem.call(x);

        // down: what goes into a block is a skip
        foreach (var block in down)
        {
            skips.Push(h);
            h = block.call(h);
        }

        // bottleneck
        h = mid.call(h);                                                            // [N, 8 width, H/16, W/16]
        var image = whole.call(nn.functional.relu(h).mean([2, 3], keepdim: true));  // [N, 1, 1, 1]

        // up
        foreach (var block in up)
        {
            var doubled = nn.functional.interpolate(h, scale_factor: [2, 2], mode: InterpolationMode.Nearest);
            h = block.call(cat([doubled, skips.Pop()], 1));
        }

        var pixels = pixel.call(nn.functional.relu(h));
        return [image.flatten(1).MoveToOuterDisposeScope(), pixels.MoveToOuterDisposeScope()];
    }
}
