using LiteVae.Tests.Inference.Foreign;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace LiteVae.Tests.Transforms;

/// <summary>Autoencoders of other programs in the pipeline: the same rows as through the model itself.</summary>
public sealed class ForeignModelTransformTests : IDisposable
{
    private const int Rows = 3;

    private readonly Pipeline _pipeline = new();

    public void Dispose() => _pipeline.Dispose();

    public static TheoryData<string> Models => [ForeignFolders.Moments, ForeignFolders.Sampling, ForeignFolders.Half, ForeignFolders.Plain];

    [Theory]
    [MemberData(nameof(Models))]
    public void Encode_decode_and_reconstruct_give_what_the_model_gives(string name)
    {
        var path = ForeignFolders.PathOf(name);
        using var model = LiteVaeModel.Load(path, new LiteVaeModelOptions { Threads = 1 });
        var (channels, side) = (model.Config.LatentChannels, PictureRow.Side / model.Config.DownsamplingFactor);

        using var encoder = _pipeline.Encoder(new LiteVaeEncodeOptions { Model = path, Width = PictureRow.Side, Height = PictureRow.Side, Threads = 1 });
        using var reconstruct = _pipeline.Context.Transforms.LiteVaeReconstruct("Reconstructed", "Image", new LiteVaeReconstructOptions { Model = path, Threads = 1 }).Fit(_pipeline.Rows(1));
        var encoded = encoder.Transform(_pipeline.Rows(Rows));
        using var decoder = _pipeline.Context.Transforms.LiteVaeDecode("Decoded", "Latent", new LiteVaeDecodeOptions { Model = path, Threads = 1 }).Fit(encoded);

        Assert.Equal([channels, side, side], ((VectorDataViewType)encoded.Schema["Latent"].Type).Dimensions);
        Assert.Equal(PictureRow.Many(Rows).Select(row => Mean(model, row)), Pipeline.Latents(encoded));

        using var first = Pipeline.First<MLImage>(decoder.Transform(encoded), "Decoded");
        using var second = Pipeline.First<MLImage>(reconstruct.Transform(_pipeline.Rows(Rows)), "Reconstructed");
        var expected = MLImages.FromRgb(model.Reconstruct(Picture(PictureRow.Create(0))));
        Assert.Equal(expected.Pixels.ToArray(), first.Pixels.ToArray());
        Assert.Equal(expected.Pixels.ToArray(), second.Pixels.ToArray());
    }

    [Theory]
    [InlineData(LatentOutput.Moments)]
    [InlineData(LatentOutput.Sample)]
    public void What_needs_a_variance_is_refused_where_the_encoder_gives_none(LatentOutput output)
    {
        var options = new LiteVaeEncodeOptions { Model = ForeignFolders.PathOf(ForeignFolders.Plain), Output = output };
        var error = Assert.Throws<ArgumentException>(() => _pipeline.Context.Transforms.LiteVaeEncode("Latent", "Image", options));
        Assert.Contains($"Output is {output}; the encoder of the model 'plain' emits plain latents", error.Message);
    }

    [Fact]
    public void Moments_of_a_model_that_has_them_are_given()
    {
        using var encoder = _pipeline.Encoder(new LiteVaeEncodeOptions { Model = ForeignFolders.PathOf(ForeignFolders.Moments), Output = LatentOutput.Moments, Width = 16, Height = 16 });
        Assert.Equal([8, 2, 2], ((VectorDataViewType)encoder.Transform(_pipeline.Rows(1)).Schema["Latent"].Type).Dimensions);
    }

    [Fact]
    public void A_size_that_fits_the_factor_of_the_model_and_not_8_is_taken()
    {
        var options = new LiteVaeEncodeOptions { Model = ForeignFolders.PathOf(ForeignFolders.Plain), Width = 12, Height = 20 };
        using var encoder = _pipeline.Encoder(options);
        Assert.Equal(3 * 5 * 3, Pipeline.Latents(encoder.Transform(_pipeline.Rows(1)))[0].Length);

        var error = Assert.Throws<ArgumentException>(() => _pipeline.Encoder(options with { Width = 14 }));
        Assert.Contains("4", error.Message);
    }

    private static float[] Mean(LiteVaeModel model, PictureRow row)
    {
        var pixels = new PixelTensor(1, PictureRow.Side, PictureRow.Side);
        pixels.Set(0, Picture(row));
        return model.Encode(pixels).Means();
    }

    private static RgbImage Picture(PictureRow row)
    {
        var (red, green, blue) = PictureRow.Colour(row.Number);
        return new RgbImage(PictureRow.Side, PictureRow.Side, [.. Enumerable.Range(0, PictureRow.Side * PictureRow.Side).SelectMany(_ => new[] { red, green, blue })]);
    }
}
