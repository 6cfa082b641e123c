using System.Security.Cryptography;
using Google.Protobuf;
using Microsoft.ML;
using Microsoft.ML.Data;
using SkiaSharp;

namespace LiteVae.Tests.Transforms;

public sealed class LiteVaeEncodeTests : IDisposable
{
    private readonly Pipeline _pipeline = new();

    public void Dispose() => _pipeline.Dispose();

    [Fact]
    public void The_column_is_a_vector_of_known_shape_that_says_what_it_holds()
    {
        using var encoder = _pipeline.Encoder(_pipeline.EncodeOptions() with { Width = 24, Height = 16, ApplyScaling = true });
        var column = encoder.GetOutputSchema(_pipeline.Rows(1).Schema)["Latent"];

        Assert.Equal([2, 2, 3], ((VectorDataViewType)column.Type).Dimensions.ToArray());
        Assert.Equal([2, 2, 3], Annotation<VBuffer<int>>(LatentAnnotations.LatentShape).DenseValues());
        Assert.True(Annotation<bool>(LatentAnnotations.IsScaled));
        Assert.Equal((4, 0.5), (Annotation<double>(LatentAnnotations.ScalingFactor), Annotation<double>(LatentAnnotations.ShiftFactor)));
        Assert.Equal("tiny", Annotation<ReadOnlyMemory<char>>(LatentAnnotations.Model).ToString());
        var fingerprint = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(TinyModels.EncoderPath(_pipeline.ModelFolder))));
        Assert.Equal(fingerprint, Annotation<ReadOnlyMemory<char>>(LatentAnnotations.EncoderSha256).ToString());

        T Annotation<T>(string name)
        {
            T value = default!;
            column.Annotations.GetValue(name, ref value);
            return value;
        }
    }

    [Fact]
    public void A_scaled_latent_is_the_mean_less_the_shift_times_the_factor()
    {
        using var encoder = _pipeline.Encoder(_pipeline.EncodeOptions() with { ApplyScaling = true });
        PictureRow.AssertClose(PictureRow.Latent(0).Select(value => (value - 0.5f) * 4), Pipeline.Latents(encoder.Transform(_pipeline.Rows(1)))[0]);
    }

    [Fact]
    public void Moments_are_means_and_log_variances()
    {
        using var encoder = _pipeline.Encoder(_pipeline.EncodeOptions() with { Output = LatentOutput.Moments });
        var moments = Pipeline.Latents(encoder.Transform(_pipeline.Rows(1)))[0];

        // Picture 0 is black: R is -1, so the log variances are -1 and R / 2.
        PictureRow.AssertClose([.. PictureRow.Latent(0), -1, -1, -1, -1, -0.5f, -0.5f, -0.5f, -0.5f], moments);
    }

    [Fact]
    public void A_sample_depends_on_seed_and_row_and_not_on_the_batch()
    {
        var source = _pipeline.Rows([.. Enumerable.Range(0, 10).Select(_ => PictureRow.Create(9))]);
        var (one, eight, other) = (Samples(batch: 1, seed: 5), Samples(batch: 8, seed: 5), Samples(batch: 8, seed: 6));

        Assert.Equal(one, eight);
        Assert.NotEqual(eight[0], eight[1]);
        Assert.NotEqual(eight[0], other[0]);

        float[][] Samples(int batch, long seed)
        {
            using var encoder = _pipeline.Encoder(_pipeline.EncodeOptions(batch) with { Output = LatentOutput.Sample, Seed = seed });
            return Pipeline.Latents(encoder.Transform(source));
        }
    }

    [Theory]
    [InlineData("Name")]
    [InlineData("Number")]
    public void A_sample_with_a_key_is_the_same_in_any_order_of_the_rows(string key)
    {
        var rows = PictureRow.Many(10);
        using var encoder = _pipeline.Encoder(_pipeline.EncodeOptions(batch: 3) with { Output = LatentOutput.Sample, Seed = 5, SampleKeyColumn = key });
        var forward = Pipeline.Latents(encoder.Transform(_pipeline.Rows(rows)));
        var backward = Pipeline.Latents(encoder.Transform(_pipeline.Rows([.. rows.Reverse()])));

        Assert.Equal(forward, backward.Reverse());
        using var engine = _pipeline.Context.Model.CreatePredictionEngine<PictureRow, LatentRow>(encoder, new PredictionEngineOptions { OwnsTransformer = false });
        Assert.Equal(forward[7], engine.Predict(rows[7]).Latent);

        // The noise itself, from the documented recipe: SHA-256 of the key's text, of which the first 16 bytes number the stream.
        var text = key == "Name" ? "row 7" : "7";
        var row = System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
        using var model = LiteVaeModel.Load(_pipeline.ModelFolder);
        var image = new PixelTensor(1, PictureRow.Side, PictureRow.Side);
        var (red, green, blue) = PictureRow.Colour(7);
        image.Set(0, new RgbImage(PictureRow.Side, PictureRow.Side, [.. Enumerable.Repeat(new[] { red, green, blue }, PictureRow.Side * PictureRow.Side).SelectMany(pixel => pixel)]));
        Assert.Equal(model.Encode(image).Sample(0, seed: 5, row), forward[7]);
    }

    [Fact]
    public void A_key_column_must_be_there_and_hold_keys()
    {
        var options = _pipeline.EncodeOptions() with { Output = LatentOutput.Sample };
        Assert.Contains("no input column 'Key'", Refusal("Key"));
        Assert.Contains("SampleKeyColumn, is of type Vector<Single, 3>; it must be a text or a whole number", Refusal("Values"));
        Assert.Contains("SampleKeyColumn is empty", Assert.Throws<ArgumentException>(() => _pipeline.Encoder(options with { SampleKeyColumn = "" })).Message);

        string Refusal(string key)
        {
            var estimator = _pipeline.Context.Transforms.LiteVaeEncode("Latent", "Image", options with { SampleKeyColumn = key });
            var shape = Assert.Throws<ArgumentOutOfRangeException>(() => estimator.GetOutputSchema(Pipeline.Shape(_pipeline.Rows(1).Schema))).Message;
            var fit = Assert.Throws<ArgumentOutOfRangeException>(() => estimator.Fit(_pipeline.Rows(1))).Message;
            Assert.Equal(fit.Split(';')[0][..40], shape.Split(';')[0][..40]);
            return fit;
        }
    }

    [Fact]
    public void A_latent_that_is_not_finite_is_a_bad_row_and_its_batch_is_delivered()
    {
        // mean 0 = 3e38 R + 3e38 G: infinite for bright pictures, finite for dark grey ones.
        var encoder = TinyModels.Encoder();
        var weight = encoder.Graph.Initializer.Single(tensor => tensor.Name == "weight").FloatData;
        (weight[0], weight[1]) = (3e38f, 3e38f);
        File.WriteAllBytes(TinyModels.EncoderPath(_pipeline.ModelFolder), encoder.ToByteArray());
        var rows = new byte[] { 127, 255, 128 }.Select(grey => new PictureRow { Image = PictureRow.Solid(PictureRow.Side, PictureRow.Side, (grey, grey, grey)) }).ToArray();

        using var strict = _pipeline.Encoder();
        var error = Assert.Throws<InvalidDataException>(() => Pipeline.Latents(strict.Transform(_pipeline.Rows(rows))));
        Assert.StartsWith("Row 1: ", error.Message);
        Assert.Contains("Infinity for image 0 of the batch, in channel 0 at x 0, y 0", error.Message);

        using var lenient = _pipeline.Encoder(_pipeline.EncodeOptions() with { OnError = OnRowError.Missing });
        var latents = Pipeline.Latents(lenient.Transform(_pipeline.Rows(rows)));
        Assert.Equal([true, false, true], latents.Select(latent => latent.All(float.IsFinite)));
        Assert.Equal(1, lenient.MissingRows);
    }

    [Theory]
    [InlineData(MLPixelFormat.Bgra32)]
    [InlineData(MLPixelFormat.Rgba32)]
    public void Transparency_shows_white_in_both_pixel_formats(MLPixelFormat format)
    {
        // (200, 100, 50) at alpha 128 is stored premultiplied as (100, 50, 25): over white that is (227, 177, 152).
        byte[] pixel = format == MLPixelFormat.Bgra32 ? [25, 50, 100, 128] : [100, 50, 25, 128];
        var image = MLImage.CreateFromPixels(16, 16, format, [.. Enumerable.Range(0, 256).SelectMany(_ => pixel)]);
        using var encoder = _pipeline.Encoder();

        PictureRow.AssertClose(PictureRow.Latent((227, 177, 152), 4), Pipeline.Latents(encoder.Transform(_pipeline.Rows(new PictureRow { Image = image })))[0]);
    }

    [Fact]
    public void Paths_and_bytes_of_files_give_what_the_image_gives()
    {
        var path = _pipeline["picture.png"];
        File.WriteAllBytes(path, Png(PictureRow.Colour(50)));
        var source = _pipeline.Context.Data.LoadFromEnumerable([new FileRow { Path = path, Bytes = File.ReadAllBytes(path) }]);
        foreach (var column in new[] { "Path", "Bytes" })
        {
            using var encoder = _pipeline.Context.Transforms.LiteVaeEncode("Latent", column, _pipeline.EncodeOptions()).Fit(source);
            PictureRow.AssertLatent(50, Pipeline.Latents(encoder.Transform(source))[0]);
        }
    }

    [Fact]
    public void Broken_files_are_named_and_may_be_missing_values()
    {
        File.WriteAllText(_pipeline["broken.png"], "not an image");
        File.WriteAllBytes(_pipeline["good.png"], Png(PictureRow.Colour(50)));
        var source = _pipeline.Context.Data.LoadFromEnumerable(
            new[] { "broken.png", "good.png", "absent.png" }.Select(name => new FileRow { Path = _pipeline[name] }).Append(new FileRow { Path = "" }));
        var options = new LiteVaeEncodeOptions { Model = _pipeline.ModelFolder };

        using var strict = _pipeline.Context.Transforms.LiteVaeEncode("Latent", "Path", options).Fit(source);
        var error = Assert.Throws<InvalidDataException>(() => Pipeline.Latents(strict.Transform(source)));
        Assert.StartsWith($"Row 0: {_pipeline["broken.png"]}: not an image", error.Message);

        using var lenient = _pipeline.Context.Transforms.LiteVaeEncode("Latent", "Path", options with { OnError = OnRowError.Missing }).Fit(source);
        Assert.Equal([0, 8, 0, 0], Pipeline.Latents(lenient.Transform(source)).Select(latent => latent.Length));
        Assert.Equal(3, lenient.MissingRows);
    }

    [Fact]
    public void Images_loaded_by_the_stock_component_are_encoded_right()
    {
        // LoadImages disposes an image when the next row is read; here the batch is larger than one row.
        for (var i = 0; i < 10; i++)
        {
            File.WriteAllBytes(_pipeline[$"{i}.png"], Png(PictureRow.Colour(i)));
        }

        var source = _pipeline.Context.Data.LoadFromEnumerable(Enumerable.Range(0, 10).Select(i => new FileRow { Path = $"{i}.png" }));
        var chain = _pipeline.Context.Transforms.LoadImages("Loaded", Path.GetDirectoryName(_pipeline["0.png"]), "Path")
            .Append(_pipeline.Context.Transforms.LiteVaeEncode("Latent", "Loaded", _pipeline.EncodeOptions()));
        using var model = chain.Fit(source);

        var view = model.Transform(source);
        using var cursor = view.GetRowCursor([view.Schema["Loaded"], view.Schema["Latent"]]);
        var row = new CursorRow(cursor);
        for (var i = 0; i < 10; i++)
        {
            Assert.True(cursor.MoveNext());
            PictureRow.AssertLatent(i, row.Get<VBuffer<float>>("Latent").DenseValues());
            using var image = row.Get<MLImage>("Loaded");
            Assert.Equal(PictureRow.Colour(i).Red, image.Pixels[2]);
        }
    }

    [Fact]
    public void A_file_that_the_stock_component_cannot_load_fails_in_its_row_alone()
    {
        File.WriteAllBytes(_pipeline["0.png"], Png(PictureRow.Colour(0)));
        File.WriteAllBytes(_pipeline["2.png"], Png(PictureRow.Colour(2)));
        var source = _pipeline.Context.Data.LoadFromEnumerable(Enumerable.Range(0, 3).Select(i => new FileRow { Path = $"{i}.png" }));
        var chain = _pipeline.Context.Transforms.LoadImages("Loaded", Path.GetDirectoryName(_pipeline["0.png"]), "Path")
            .Append(_pipeline.Context.Transforms.LiteVaeEncode("Latent", "Loaded", _pipeline.EncodeOptions() with { OnError = OnRowError.Missing }));
        using var model = chain.Fit(source);
        var view = model.Transform(source);
        using var cursor = view.GetRowCursor(view.Schema);
        var row = new CursorRow(cursor);
        for (var i = 0; i < 3; i++)
        {
            Assert.True(cursor.MoveNext());
            Assert.Equal($"{i}.png", row.Get<ReadOnlyMemory<char>>("Path").ToString());
            if (i == 1)
            {
                Assert.All(row.Get<VBuffer<float>>("Latent").DenseValues(), value => Assert.Equal(float.NaN, value));
                Assert.ThrowsAny<Exception>(() => row.Get<MLImage>("Loaded"));
            }
            else
            {
                PictureRow.AssertLatent(i, row.Get<VBuffer<float>>("Latent").DenseValues());
                using var image = row.Get<MLImage>("Loaded");
                Assert.Equal(PictureRow.Colour(i).Red, image.Pixels[2]);
            }
        }

        Assert.False(cursor.MoveNext());
    }

    [Fact]
    public void All_wrong_options_are_reported_at_once()
    {
        var options = new LiteVaeEncodeOptions { BatchSize = 0, MaxPixels = 0, Device = "tpu", Width = 16, ApplyScaling = true, Output = LatentOutput.Moments };
        var error = Assert.Throws<ArgumentException>(() => _pipeline.Context.Transforms.LiteVaeEncode("Latent", "Image", options));
        foreach (var fault in new[] { "BatchSize is 0", "MaxPixels is 0", "'tpu'", "Height is not set", "moments are never scaled" })
        {
            Assert.Contains(fault, error.Message);
        }
    }

    private static byte[] Png((byte Red, byte Green, byte Blue) colour)
    {
        using var bitmap = new SKBitmap(PictureRow.Side, PictureRow.Side);
        bitmap.Erase(new SKColor(colour.Red, colour.Green, colour.Blue));
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    private sealed class FileRow
    {
        public string Path { get; set; } = "";

        [VectorType]
        public byte[] Bytes { get; set; } = [];
    }
}
