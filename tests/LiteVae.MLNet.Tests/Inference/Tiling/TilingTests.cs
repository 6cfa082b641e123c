namespace LiteVae.Tests.Inference;

/// <summary>Images in tiles against the same images whole.</summary>
[Collection(LargeImages.Name)]
public sealed class TilingTests : IDisposable
{
    private const float Tolerance = 1e-4f;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // The default model's encoder needs 968 pixels; sides of 64 make the long ones cheap.
    [Theory]
    [InlineData(968, 64, 968, 1)]     // as large as a tile
    [InlineData(968, 64, 976, 2)]     // just over it
    [InlineData(976, 984, 56, 2)]
    [InlineData(1024, 64, 1240, 5)]   // 1240 - 2 * 544 left: no multiple of the 64 between the halos
    [InlineData(1024, 1096, 64, 3)]
    [InlineData(1240, 1272, 1256, 4)] // over it on both sides, and not square
    public void The_default_encoder_gives_in_tiles_what_it_gives_whole(int tile, int height, int width, int runs)
    {
        var images = Noise(1, height, width);
        using var whole = LiteVaeModel.Load();
        using var tiled = LiteVaeModel.Load(null, new LiteVaeModelOptions { TileSize = tile });
        AssertClose(whole.Encode(images).Moments, tiled.Encode(images).Moments);
        Assert.Equal(runs, tiled.EncoderRuns);
    }

    [Theory]
    [InlineData(312, 39, 39, 1)]
    [InlineData(312, 4, 40, 2)]
    [InlineData(320, 45, 6, 4)]
    [InlineData(400, 51, 77, 8)] // across: 31 at each end, 15 left for pieces of 12
    public void The_default_decoder_gives_in_tiles_what_it_gives_whole(int tile, int height, int width, int runs)
    {
        var random = new Random(2);
        float[] latents = [.. Enumerable.Range(0, 12 * height * width).Select(_ => random.NextSingle() - 0.5f)];
        using var whole = LiteVaeModel.Load();
        using var tiled = LiteVaeModel.Load(null, new LiteVaeModelOptions { TileSize = tile });
        AssertClose(whole.Decode(latents, 1, height, width).Data, tiled.Decode(latents, 1, height, width).Data);
        Assert.Equal(runs, tiled.DecoderRuns);
    }

    [Fact]
    public void Every_image_of_a_batch_goes_through_in_its_own_tiles_also_under_a_lease()
    {
        var folder = TinyModels.Write(_folder.At("tiny"));
        var images = Noise(3, 24, 40);
        using var whole = LiteVaeModel.Load(folder);
        using var tiled = LiteVaeModel.Load(folder, new LiteVaeModelOptions { TileSize = 16 }); // the tiny model has no halo at all
        using var encoder = tiled.AcquireEncoder();
        var posterior = tiled.Encode(encoder, images);
        AssertClose(whole.Encode(images).Moments, posterior.Moments);
        Assert.Equal(3 * 2 * 3, tiled.EncoderRuns);
        using var decoder = tiled.AcquireDecoder();
        AssertClose(whole.Decode(posterior.Means(), 3, 3, 5).Data, tiled.Decode(decoder, posterior.Means(), 3, 3, 5).Data);

        // what fits into a tile is one run, all images at once
        tiled.Encode(encoder, Noise(3, 16, 8));
        Assert.Equal((3 * 2 * 3) + 1, tiled.EncoderRuns);
    }

    [Fact]
    public void Blended_tiles_of_a_model_that_works_place_by_place_give_what_it_gives_whole()
    {
        // LpNormalization over the channels looks at one place only, which the search for locality does not know: so the tiles are blended, and must not show.
        var graph = SmallGraph.Encoder().Conv(4, 8, stride: 8, pads: [0, 0, 0, 0]).Node("LpNormalization", SmallGraph.Int("axis", 1));
        Directory.CreateDirectory(_folder.At("model/vae_encoder"));
        File.WriteAllBytes(_folder.At("model/vae_encoder/model.onnx"), graph.ToBytes("latent_parameters"));
        File.WriteAllText(_folder.At("model/config.json"), TinyModels.Config.ToJson());
        using var whole = LiteVaeModel.Load(_folder.At("model"));
        using var tiled = LiteVaeModel.Load(_folder.At("model"), new LiteVaeModelOptions { TileSize = 64 });
        Assert.Null(Locality.OfEncoder(whole.ReadEncoder(), 8));
        foreach (var (height, width) in new[] { (64, 72), (136, 64), (248, 200) })
        {
            var images = Noise(2, height, width);
            AssertClose(whole.Encode(images).Moments, tiled.Encode(images).Moments);
        }
    }

    [Fact]
    public void A_photo_is_reconstructed_to_the_same_bytes_but_for_roundings()
    {
        var photo = BicubicResizer.Fit(ImageDecoder.Decode(Path.Combine(Tests.Shared.SharedData.Repository, "samples", "photos", "coffee.jpg")), 999, 99, ResizePolicy.CenterCrop);
        using var whole = LiteVaeModel.Load();
        using var tiled = LiteVaeModel.Load(null, new LiteVaeModelOptions { TileSize = 984 });
        var (expected, actual) = (whole.Reconstruct(photo), tiled.Reconstruct(photo));
        Assert.Equal((999, 99), (actual.Width, actual.Height));
        Assert.True(expected.Pixels.Zip(actual.Pixels).All(pair => Math.Abs(pair.First - pair.Second) <= 1));
        Assert.Equal(2, tiled.EncoderRuns);
    }

    [Fact]
    public void A_tile_that_is_too_small_for_the_model_is_refused_with_the_least_that_is_not()
    {
        using var model = LiteVaeModel.Load(null, new LiteVaeModelOptions { TileSize = 960 });
        var error = Assert.Throws<ArgumentException>(() => model.Encode(new PixelTensor(1, 8, 8)));
        Assert.Contains("TileSize is 960", error.Message);
        Assert.Contains("at least 968 pixels", error.Message);
        Assert.Equal(8, model.Decode(new float[12], 1, 1, 1).Width); // the decoder needs less

        using var least = LiteVaeModel.Load(null, new LiteVaeModelOptions { TileSize = 968 });
        Assert.Equal(1, least.Encode(new PixelTensor(1, 8, 8)).Width);
    }

    [Fact]
    public void A_tile_that_is_too_small_to_be_blended_is_refused()
    {
        using var model = LiteVaeModel.Load(Foreign.ForeignFolders.PathOf(Foreign.ForeignFolders.Moments), new LiteVaeModelOptions { TileSize = 24 });
        var error = Assert.Throws<ArgumentException>(() => model.Encode(new PixelTensor(1, 8, 8)));
        Assert.Contains("at least 32 pixels", error.Message);
    }

    [Theory]
    [InlineData(1020, "multiple of 8, such as 1024")]
    [InlineData(0, "TileSize is 0; allowed are 1 to 32768")]
    [InlineData(40_000, "TileSize is 40000; allowed are 1 to 32768")]
    public void A_tile_that_suits_no_image_is_refused_before_anything_is_read(int tile, string reason)
    {
        var error = Assert.Throws<ArgumentException>(() => LiteVaeModel.Load(null, new LiteVaeModelOptions { TileSize = tile }));
        Assert.Contains(reason, error.Message);
    }

    private static PixelTensor Noise(int count, int height, int width)
    {
        var random = new Random(1);
        var images = new PixelTensor(count, height, width);
        for (var i = 0; i < images.Data.Length; i++)
        {
            images.Data[i] = (random.NextSingle() * 2) - 1;
        }

        return images;
    }

    private static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var most = 0f;
        for (var i = 0; i < expected.Length; i++)
        {
            most = Math.Max(most, Math.Abs(expected[i] - actual[i]));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"largest difference {most:G3}");
        Assert.InRange(most, 0, Tolerance);
        Assert.Contains(expected.ToArray(), value => Math.Abs(value) > 100 * Tolerance);
    }
}
