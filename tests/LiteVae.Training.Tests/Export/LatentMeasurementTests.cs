using LiteVae.Tests;
using TorchSharp;

namespace LiteVae.Training.Tests.Export;

public sealed class LatentMeasurementTests : TorchTest
{
    [Fact]
    public void The_measured_scale_brings_the_latents_to_unit_variance()
    {
        using var folder = new TemporaryFolder();
        var images = Enumerable.Range(0, 3).Select(i => Gradient(300, 280, i)).ToList();
        for (var i = 0; i < images.Count; i++)
        {
            PngFile.Save(folder.At($"{i}.png"), images[i]);
        }

        folder.Write("broken.jpg", "no image"); // the next readable one stands in for it
        using var network = TinyNetwork.Create(TinyNetwork.Architecture());
        var statistics = LatentMeasurement.Measure(network, folder.Root, limit: 4);
        Assert.Equal(4, statistics.Images);

        // "broken.jpg" comes last in the order of keys; after the last one the first follows.
        var values = new[] { 0, 1, 2, 0 }.SelectMany(i => Latent(network, images[i])).Select(value => (double)value).ToList();
        Assert.Equal(values.Average(), statistics.Mean, 1e-6);
        Assert.Equal(Math.Sqrt(values.Average(value => Math.Pow(value - values.Average(), 2))), statistics.Deviation, 1e-6);
    }

    [Fact]
    public void Fewer_images_are_spread_over_the_folder()
    {
        using var folder = new TemporaryFolder();
        for (var i = 0; i < 6; i++)
        {
            PngFile.Save(folder.At($"{i}.png"), Gradient(16, 16, i));
        }

        using var network = TinyNetwork.Create(TinyNetwork.Architecture());
        List<(int, int)> reports = [];
        LatentMeasurement.Measure(network, folder.Root, limit: 2, progress: (done, total) => reports.Add((done, total)));
        Assert.Equal([(1, 2), (2, 2)], reports);
    }

    [Fact]
    public void It_can_be_cancelled()
    {
        using var folder = new TemporaryFolder();
        PngFile.Save(folder.At("0.png"), Gradient(16, 16, 0));
        using var network = TinyNetwork.Create(TinyNetwork.Architecture());
        Assert.Throws<OperationCanceledException>(() => LatentMeasurement.Measure(network, folder.Root, cancellation: new CancellationToken(true)));
    }

    private static float[] Latent(LiteVaeNetwork network, RgbImage image)
    {
        using var scope = torch.NewDisposeScope();
        using var noGradient = torch.no_grad();
        var pixels = new PixelTensor(1, 256, 256);
        pixels.Set(0, BicubicResizer.Fit(image, 256, 256, ResizePolicy.CenterCrop));
        var moments = network.Encode(torch.tensor(pixels.Data, [1, 3, 256, 256]));
        return moments.narrow(1, 0, TinyNetwork.LatentChannels).contiguous().data<float>().ToArray();
    }

    private static RgbImage Gradient(int width, int height, int seed)
    {
        var pixels = new byte[width * height * 3];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)((i * (seed + 1) / 7) + seed);
        }

        return new RgbImage(width, height, pixels);
    }
}
