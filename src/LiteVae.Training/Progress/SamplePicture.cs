using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>A picture of a few training images above their reconstructions, the same ones every time.</summary>
internal sealed class SamplePicture
{
    private const int Images = 6;
    private const int Side = 128;

    private readonly PixelTensor _batch = new(Images, Side, Side);

    /// <summary>Takes the images' centres.</summary>
    public SamplePicture(ImageFolder images)
    {
        for (var i = 0; i < Images; i++)
        {
            // spread over the folder: neighbours are often of one scene
            var index = (int)((long)i * images.Count / Images);
            _batch.Set(i, BicubicResizer.Fit(images.Load(index), Side, Side, ResizePolicy.CenterCrop));
        }
    }

    /// <summary>The picture of a network as it is now, 6 x 2 squares of 128 x 128 pixels.</summary>
    public RgbImage Draw(LiteVaeNetwork network, Device device)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var output = network.call(tensor(_batch.Data, [Images, 3, Side, Side]).to(device)).cpu();
        var reconstructions = new PixelTensor(Images, Side, Side);
        output.data<float>().CopyTo(reconstructions.Data);

        var pixels = new byte[Images * Side * 2 * Side * 3];
        for (var i = 0; i < Images; i++)
        {
            Paste(_batch.ToRgb(i), pixels, i, row: 0);
            Paste(reconstructions.ToRgb(i), pixels, i, row: 1);
        }

        return new RgbImage(Images * Side, 2 * Side, pixels);
    }

    private static void Paste(RgbImage image, byte[] pixels, int column, int row)
    {
        for (var y = 0; y < Side; y++)
        {
            var target = ((((row * Side) + y) * Images * Side) + (column * Side)) * 3;
            image.Pixels.AsSpan(y * Side * 3, Side * 3).CopyTo(pixels.AsSpan(target));
        }
    }
}
