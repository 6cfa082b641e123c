using LiteVae.Tests;

namespace LiteVae.Training.Tests.Export;

/// <summary>An image's numbers do not depend on its neighbours in the batch or on the threads, whatever normalises the network.</summary>
public sealed class ExportedDeterminismTests : TorchTest
{
    private const int Side = 64;

    [Theory]
    [InlineData(BlockNorm.GroupNorm, true)]
    [InlineData(BlockNorm.SelfModulated, false)]
    public void Encode_and_decode_give_the_same_bytes_at_any_batch_and_number_of_threads(BlockNorm norm, bool attention)
    {
        using var folder = new TemporaryFolder();
        using (var network = TinyNetwork.Create(TinyNetwork.Architecture(norm, norm, attention)))
        {
            OnnxExporter.Export(network, TinyNetwork.Config(network), folder.At("model"));
        }

        var (moments, pixels) = Run(folder.At("model"), batch: 1, threads: 1);
        foreach (var (batch, threads) in new[] { (2, 1), (7, 1), (1, 2), (7, 2) })
        {
            var (otherMoments, otherPixels) = Run(folder.At("model"), batch, threads);
            Assert.Equal(moments, otherMoments);
            Assert.Equal(pixels, otherPixels);
        }
    }

    /// <summary>The bits of the first image's moments and decoded pixels; the rest of the batch is other images.</summary>
    private static (int[] Moments, int[] Pixels) Run(string folder, int batch, int threads)
    {
        using var model = LiteVaeModel.Load(folder, new LiteVaeModelOptions { Threads = threads });
        var images = new PixelTensor(batch, Side, Side);
        for (var i = 0; i < batch; i++)
        {
            var pixels = new byte[Side * Side * 3];
            new Random(i).NextBytes(pixels);
            images.Set(i, new RgbImage(Side, Side, pixels));
        }

        var posterior = model.Encode(images);
        var decoded = model.Decode(posterior.Means(), batch, posterior.Height, posterior.Width);
        return (Bits(posterior.GetMoments(0)), Bits(decoded.GetImage(0)));

        static int[] Bits(ReadOnlySpan<float> values) => Array.ConvertAll(values.ToArray(), BitConverter.SingleToInt32Bits);
    }
}
