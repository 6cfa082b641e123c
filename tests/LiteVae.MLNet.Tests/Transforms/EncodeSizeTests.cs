using Microsoft.ML;
using Microsoft.ML.Data;
using SkiaSharp;

namespace LiteVae.Tests.Transforms;

/// <summary>Images of every size: at their own, brought to one, too large, in tiles.</summary>
public sealed class EncodeSizeTests : IDisposable
{
    private readonly Pipeline _pipeline = new();

    public void Dispose() => _pipeline.Dispose();

    [Fact]
    public void At_native_size_every_row_has_its_own_length_and_equal_sizes_run_together()
    {
        (int Width, int Height)[] sizes = [(16, 16), (9, 1), (16, 16), (17, 8), (10, 3), (16, 15)];
        var rows = sizes.Select((size, i) => new PictureRow { Number = i, Image = PictureRow.Solid(size.Width, size.Height, PictureRow.Colour(i)) }).ToArray();
        using var encoder = _pipeline.Encoder(new LiteVaeEncodeOptions { Model = _pipeline.ModelFolder });
        var view = encoder.Transform(_pipeline.Rows(rows));

        Assert.False(((VectorDataViewType)view.Schema["Latent"].Type).IsKnownSize);
        var latents = Pipeline.Latents(view);
        for (var i = 0; i < sizes.Length; i++)
        {
            var places = (sizes[i].Width + 7) / 8 * ((sizes[i].Height + 7) / 8);
            PictureRow.AssertClose(PictureRow.Latent(PictureRow.Colour(i), places), latents[i]);
        }

        // 16 x 16 three times, 16 x 8 twice, 24 x 8 once.
        Assert.Equal(3, encoder.Model.EncoderRuns);
    }

    [Fact]
    public void At_native_size_an_image_over_the_limit_is_a_bad_row()
    {
        var rows = new[] { (16, 16), (32, 16), (16, 8) }.Select(size => new PictureRow { Image = PictureRow.Solid(size.Item1, size.Item2, (0, 0, 0)) }).ToArray();
        var options = new LiteVaeEncodeOptions { Model = _pipeline.ModelFolder, MaxPixels = 256 };

        using var strict = _pipeline.Encoder(options);
        var error = Assert.Throws<InvalidDataException>(() => Pipeline.Latents(strict.Transform(_pipeline.Rows(rows))));
        Assert.Equal("Row 1: the image in the column 'Image' has 32 x 16 = 512 pixels; the limit is 256. Set Width and Height, or TileSize, or raise MaxPixels.", error.Message);

        using var lenient = _pipeline.Encoder(options with { OnError = OnRowError.Missing });
        Assert.Equal([8, 0, 4], Pipeline.Latents(lenient.Transform(_pipeline.Rows(rows))).Select(latent => latent.Length));

        using var resized = _pipeline.Encoder(options with { Width = 32, Height = 32, OnError = OnRowError.Missing });
        Assert.Equal([true, false, true], Pipeline.Latents(resized.Transform(_pipeline.Rows(rows))).Select(latent => latent.All(float.IsFinite)));
    }

    [Fact]
    public void A_large_file_is_refused_before_it_is_decoded_unless_it_goes_in_tiles_or_is_resized()
    {
        // 4,200 x 4,104 is 17.2 million pixels, a little over the default for one piece.
        using (var bitmap = new SKBitmap(4200, 4104))
        {
            bitmap.Erase(new SKColor(50, 150, 350 % 256));
            using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
            File.WriteAllBytes(_pipeline["large.png"], data.ToArray());
        }

        var source = _pipeline.Context.Data.LoadFromEnumerable([new { Path = _pipeline["large.png"] }]);
        var options = new LiteVaeEncodeOptions { Model = _pipeline.ModelFolder };
        Assert.Contains("4200 x 4104 is 17236800 pixels; the limit is 16777216 (MaxPixels)", Assert.Throws<InvalidDataException>(() => Encode(options)).Message);
        Assert.Contains("the limit is 1000000 (MaxPixels)", Assert.Throws<InvalidDataException>(() => Encode(options with { TileSize = 2048, MaxPixels = 1_000_000 })).Message);
        Assert.Equal(2 * 525 * 513, Encode(options with { TileSize = 2048 }).Length);
        PictureRow.AssertLatent(50, Encode(options with { Width = 16, Height = 16 }));

        float[] Encode(LiteVaeEncodeOptions how)
        {
            using var encoder = _pipeline.Context.Transforms.LiteVaeEncode("Latent", "Path", how).Fit(source);
            return Pipeline.Latents(encoder.Transform(source))[0];
        }
    }

    [Fact]
    public void Tiles_serve_rows_of_any_size()
    {
        var rows = new[] { (16, 16), (32, 16), (13, 40) }.Select((size, i) => new PictureRow { Image = PictureRow.Solid(size.Item1, size.Item2, PictureRow.Colour(i)) }).ToArray();
        using var encoder = _pipeline.Encoder(new LiteVaeEncodeOptions { Model = _pipeline.ModelFolder, TileSize = 16 });
        var latents = Pipeline.Latents(encoder.Transform(_pipeline.Rows(rows)));
        for (var i = 0; i < rows.Length; i++)
        {
            PictureRow.AssertClose(PictureRow.Latent(PictureRow.Colour(i), new[] { 4, 8, 10 }[i]), latents[i]);
        }

        Assert.Equal(1 + 2 + 3, encoder.Model.EncoderRuns);
    }

    [Fact]
    public void A_tile_that_is_no_multiple_of_eight_is_refused_with_the_estimator()
    {
        var transforms = _pipeline.Context.Transforms;
        foreach (var refused in new Action[]
        {
            () => transforms.LiteVaeEncode("Out", "In", new LiteVaeEncodeOptions { Model = _pipeline.ModelFolder, TileSize = 20 }),
            () => transforms.LiteVaeDecode("Out", "In", new LiteVaeDecodeOptions { Model = _pipeline.ModelFolder, TileSize = 20 }),
            () => transforms.LiteVaeReconstruct("Out", "In", new LiteVaeReconstructOptions { Model = _pipeline.ModelFolder, TileSize = 20 }),
        })
        {
            Assert.Contains("TileSize is 20; the model 'tiny' needs a multiple of 8, such as 24", Assert.Throws<ArgumentException>(refused).Message);
        }
    }

    [Fact]
    public void Padding_repeats_the_edge()
    {
        // 9 x 8: the left block is black; the ninth column, repeated, is white.
        var pixels = Enumerable.Range(0, 72).SelectMany(i => Enumerable.Repeat(i % 9 == 8 ? (byte)255 : (byte)0, 3).Append((byte)255)).ToArray();
        var row = new PictureRow { Image = MLImage.CreateFromPixels(9, 8, MLPixelFormat.Bgra32, pixels) };
        using var encoder = _pipeline.Encoder(new LiteVaeEncodeOptions { Model = _pipeline.ModelFolder });

        PictureRow.AssertClose([-3, 3, -1.25f, 0.75f], Pipeline.Latents(encoder.Transform(_pipeline.Rows(row)))[0]);
    }

    [Fact]
    public void Another_size_is_cut_from_the_centre()
    {
        // 32 x 16: a middle of 16 columns is white, what is left and right of it is black.
        var pixels = Enumerable.Range(0, 512).SelectMany(i => Enumerable.Repeat(i % 32 is >= 8 and < 24 ? (byte)255 : (byte)0, 3).Append((byte)255)).ToArray();
        var row = new PictureRow { Image = MLImage.CreateFromPixels(32, 16, MLPixelFormat.Bgra32, pixels) };
        using var encoder = _pipeline.Encoder();

        PictureRow.AssertClose(PictureRow.Latent((255, 255, 255), 4), Pipeline.Latents(encoder.Transform(_pipeline.Rows(row)))[0]);
    }

    [Fact]
    public void A_size_that_is_no_multiple_of_eight_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => _pipeline.Context.Transforms.LiteVaeEncode("Latent", "Image", _pipeline.EncodeOptions() with { Width = 20 }));
        Assert.Contains("20 x 16", error.Message);
        Assert.Contains("multiples of 8", error.Message);
    }
}
