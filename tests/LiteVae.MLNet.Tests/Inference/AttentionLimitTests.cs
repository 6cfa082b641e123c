using Google.Protobuf;
using LiteVae.Formats.Onnx;

namespace LiteVae.Tests.Inference;

[Collection(LargeImages.Name)]
public sealed class AttentionLimitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, 64, 64, true)]   // 64 positions: 2 tables of 64 x 64 floats are 32,768 bytes
    [InlineData(1, 64, 72, false)]  // 72 positions
    [InlineData(2, 64, 64, false)]
    [InlineData(2, 32, 64, true)]   // 2 x 8,192 bytes
    public void A_run_may_take_what_is_there_and_no_more(long count, long height, long width, bool fits)
    {
        var limit = new AttentionLimit(32_768);
        long[] images = [count, 3, height, width];
        long[] latents = [count, 4, height / 8, width / 8];
        foreach (var (input, output) in new[] { (images, latents), (latents, images) })
        {
            var error = Record.Exception(() => limit.Require("tiny", input, output));
            Assert.Equal(fits, error is null);
            Assert.True(fits || error is InvalidOperationException, $"{error}");
        }
    }

    [Fact]
    public void The_message_has_the_numbers_and_a_size_that_fits()
    {
        // a photo of 12 megapixels, shrunk by 8: 2 x 4 x 187,500^2 bytes = 281.25 GB. In 12 GB fit 38,729 positions, a square of 196.8 a side.
        var limit = new AttentionLimit(12_000_000_000);
        long[] image = [1, 3, 3000, 4000];
        var error = Assert.Throws<InvalidOperationException>(() => limit.Require("sd", image, [1, 8, 375, 500]));
        Assert.StartsWith("sd: an image of 4000 x 3000 pixels would need 281.", error.Message);
        Assert.Contains("187,500 positions", error.Message);
        Assert.Contains("may take 12.0 GB", error.Message);
        Assert.Contains("at most 1568 x 1568 pixels", error.Message);
        Assert.Null(Record.Exception(() => limit.Require("sd", [1, 3, 1568, 1568], [1, 8, 196, 196])));

        error = Assert.Throws<InvalidOperationException>(() => limit.Require("sd", [4, 8, 196, 196], [4, 3, 1568, 1568]));
        Assert.StartsWith("sd: 4 images at once of 1568 x 1568 pixels", error.Message);
        Assert.Contains("at most 1112 x 1112 pixels, or fewer at once", error.Message); // 12 GB / 4: 139.1 a side
    }

    [Fact]
    public void A_model_with_attention_refuses_an_image_for_which_no_machine_has_the_memory()
    {
        using var model = LiteVaeModel.Load(FactorOne("attention", "Softmax"));
        var error = Assert.Throws<InvalidOperationException>(() => model.Encode(new PixelTensor(1, 1024, 2048))); // 35 TB
        Assert.Contains("2048 x 1024 pixels", error.Message);
        Assert.Throws<InvalidOperationException>(() => model.Decode(new float[TinyModels.Channels << 21], 1, 1024, 2048));
        Assert.Equal((0, 0), (model.EncoderRuns, model.DecoderRuns));

        // the same model goes on with one that fits
        var posterior = model.Encode(new PixelTensor(1, 16, 24));
        Assert.Equal((16, 24), (posterior.Height, posterior.Width));
    }

    [Fact]
    public void A_model_without_attention_takes_it()
    {
        using var model = LiteVaeModel.Load(FactorOne("plain", "Identity"));
        Assert.Equal(2048, model.Encode(new PixelTensor(1, 1024, 2048)).Width);
    }

    [Fact]
    public void In_tiles_a_model_with_attention_takes_it()
    {
        using var model = LiteVaeModel.Load(FactorOne("tiled", "Softmax"), new LiteVaeModelOptions { TileSize = 64 });
        var posterior = model.Encode(new PixelTensor(1, 1024, 2048));
        Assert.Equal((1024, 2048), (posterior.Height, posterior.Width));
        Assert.Equal(21 * 43, model.EncoderRuns); // tiles of 64 that overlap by 16
    }

    /// <summary>The tiny model without its pooling and its enlargement, and with an operator at the end of both graphs.</summary>
    private string FactorOne(string name, string operation)
    {
        var folder = TinyModels.Write(_folder.At(name));
        File.WriteAllText(Path.Combine(folder, "config.json"), (TinyModels.Config with { DownsamplingFactor = 1 }).ToJson());
        File.WriteAllBytes(TinyModels.EncoderPath(folder), Changed(TinyModels.Encoder(), "AveragePool").ToByteArray());
        File.WriteAllBytes(TinyModels.DecoderPath(folder), Changed(TinyModels.Decoder(), "Resize").ToByteArray());
        return folder;

        Model Changed(Model model, string size)
        {
            var nodes = model.Graph.Node;
            var resizing = nodes.Single(node => node.OpType == size);
            resizing.OpType = "Identity";
            resizing.Attribute.Clear();
            while (resizing.Input.Count > 1)
            {
                resizing.Input.RemoveAt(1);
            }

            var last = nodes[^1];
            last.Output[0] = "before";
            nodes.Add(new Node { OpType = operation, Name = "last", Input = { "before" }, Output = { model.Graph.Output[0].Name } });
            return model;
        }
    }
}
