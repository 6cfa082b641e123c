using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>
/// Judges overlapping patches (PatchGAN of pix2pix, Isola et al. 2017, as VQGAN uses it): n strided 4x4 convolutions, two more of stride 1,
/// leaky ReLU between them; spectral normalisation on every one in place of batch norm. With 3 strided ones a patch is 70 x 70 pixels.
/// </summary>
internal sealed class PatchDiscriminator : Discriminator
{
    private const int Kernel = 4;
    private const double Slope = 0.2; // pix2pix

    internal readonly ModuleList<SpectralConv2d> down;
    internal readonly SpectralConv2d mid;
    internal readonly SpectralConv2d head;

    /// <summary>Creates the discriminator.</summary>
    /// <param name="width">Channels after the first convolution; doubled by every next one, up to 8 times.</param>
    /// <param name="layers">Strided convolutions, 1 to 6.</param>
    /// <param name="device">Where; null is the CPU.</param>
    public PatchDiscriminator(int width, int layers = 3, Device? device = null)
        : base(nameof(PatchDiscriminator), minimumSide: 3 << CheckedLayers(layers), sideMultiple: 1) // the two of stride 1 take one pixel each
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        down = new ModuleList<SpectralConv2d>();
        var channels = 3;
        for (var layer = 0; layer < layers; layer++)
        {
            down.Add(Next(layer, stride: 2));
        }

        mid = Next(layers, stride: 1);
        head = new SpectralConv2d(channels, 1, Kernel, device, padding: 1);
        RegisterComponents();

        SpectralConv2d Next(int layer, int stride)
        {
            var (input, output) = (channels, width * Math.Min(1 << layer, 8));
            channels = output;
            return new SpectralConv2d(input, output, Kernel, device, stride, padding: 1);
        }
    }

    /// <summary>[N, 3, H, W] to the patches' logits [N, 1, H/2^layers - 2, W/2^layers - 2], the division rounded down.</summary>
    public override Tensor[] forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var h = x;
        foreach (var conv in down)
        {
            h = conv.call(h).LeakyRelu(Slope);
        }

        h = mid.call(h).LeakyRelu(Slope);
        return [head.call(h).MoveToOuterDisposeScope()];
    }

    private static int CheckedLayers(int layers) => layers is >= 1 and <= 6
        ? layers
        : throw new ArgumentOutOfRangeException(nameof(layers), layers, "A patch discriminator has 1 to 6 strided convolutions.");
}
