using Google.Protobuf;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace LiteVae.Tests.Transforms;

public sealed class LiteVaeDecodeTests : IDisposable
{
    private readonly Pipeline _pipeline = new();

    private LiteVaeDecodeOptions Options => new() { Model = _pipeline.ModelFolder, BatchSize = 3 };

    public void Dispose() => _pipeline.Dispose();

    [Fact]
    public void Decoded_images_have_the_pixels_computed_by_hand()
    {
        var images = Decode(Options, new float[] { 0.5f, -1, 0.25f, 0 });

        // R = z0, G = z1, B = 0.5 z0 - 0.5: left 0.5, 0.25, -0.25; right -1, 0, -1. A level is (value + 1) * 127.5, rounded.
        var (left, right) = (images[0].Pixels[..4].ToArray(), images[0].Pixels[^4..].ToArray());
        Assert.Equal([96, 159, 191, 255], left);
        Assert.Equal([0, 128, 0, 255], right);
        Assert.Equal((16, 8), (images[0].Width, images[0].Height));
    }

    [Fact]
    public void Pixels_are_planes_of_numbers_clamped_to_an_image_s_range()
    {
        var source = Latents([0.5f, -2, 0.25f, 0], [float.NaN, 0, 0, 0]);
        using var decoder = _pipeline.Context.Transforms
            .LiteVaeDecode("Pixels", "Latent", Options with { Output = DecodedOutput.Pixels, OnError = OnRowError.Missing }).Fit(source);
        var view = decoder.Transform(source);
        Assert.Equal([3, 8, 16], ((VectorDataViewType)view.Schema["Pixels"].Type).Dimensions.ToArray());

        // R = z0, G = z1, B = 0.5 z0 - 0.5: left 0.5, 0.25, -0.25; right -2, 0, -1.5, of which -1 is the least.
        var rows = view.GetColumn<float[]>("Pixels").ToArray();
        var expected = Enumerable.Range(0, 3 * 8 * 16).Select(i => (i % 16 < 8, i / 128) switch
        {
            (true, 0) => 0.5f, (true, 1) => 0.25f, (true, _) => -0.25f, (false, 1) => 0, _ => -1f,
        });
        Assert.Equal(expected, rows[0]);
        Assert.All(rows[1], value => Assert.Equal(float.NaN, value));
    }

    [Fact]
    public void A_shape_knows_pixels_as_a_vector_and_images_as_images()
    {
        foreach (var (output, vector) in new[] { (DecodedOutput.Pixels, SchemaShape.Column.VectorKind.Vector), (DecodedOutput.Image, SchemaShape.Column.VectorKind.Scalar) })
        {
            foreach (var size in new[] { default(int?), 16 })
            {
                var options = Options with { Output = output, Width = size, Height = size };
                var shape = _pipeline.Context.Transforms.LiteVaeDecode("Out", "Latent", options).GetOutputSchema(Pipeline.Shape(Latents(new float[4]).Schema));
                Assert.Equal(vector, shape.Single(column => column.Name == "Out").Kind);
            }
        }
    }

    [Fact]
    public void Rows_keep_their_order_over_batches_and_images_stay_alive()
    {
        var images = Decode(Options, [.. Enumerable.Range(0, 10).Select(i => Enumerable.Repeat(i / 16f, 4).ToArray())]);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (int)Math.Floor(((i / 16f) + 1) * 127.5 + 0.5)), images.Select(image => (int)image.Pixels[1]));
    }

    [Fact]
    public void A_scaled_column_is_known_by_its_annotation_and_decodes_to_the_same_image()
    {
        var context = _pipeline.Context;
        var pictures = Enumerable.Range(0, 2).Select(i => i == 1).Select(scaled =>
        {
            using var model = context.Transforms.LiteVaeEncode("Latent", "Image", _pipeline.EncodeOptions() with { ApplyScaling = scaled })
                .Append(context.Transforms.LiteVaeDecode("Decoded", "Latent", Options)).Fit(_pipeline.Rows(1));
            return Pipeline.First<MLImage>(model.Transform(_pipeline.Rows(PictureRow.Create(120))), "Decoded").Pixels.ToArray();
        }).ToArray();

        Assert.Equal(73, pictures[0][2]);
        Assert.Equal(pictures[0], pictures[1]);
    }

    [Fact]
    public void Scaled_latents_are_unscaled_where_the_options_say_so()
    {
        // (latent - 0.5) * 4: -2 is 0, 2 is 1.
        var image = Decode(Options with { ScaledLatents = true }, new float[] { -2, -2, 2, 2 })[0];
        Assert.Equal((128, 255), (image.Pixels[2], image.Pixels[1]));
    }

    [Fact]
    public void A_vector_of_variable_size_needs_the_size_of_the_image()
    {
        var source = _pipeline.Context.Data.LoadFromEnumerable([new VariableRow { Latent = [0, 0, 1, 1] }, new VariableRow { Latent = [0, 0] }]);
        var error = Assert.Throws<ArgumentException>(() => _pipeline.Context.Transforms.LiteVaeDecode("Decoded", "Latent", Options).Fit(source));
        Assert.Contains("set Width and Height", error.Message);

        using var decoder = _pipeline.Context.Transforms.LiteVaeDecode("Decoded", "Latent", Options with { Width = 16, Height = 8 }).Fit(source);
        using var cursor = decoder.Transform(source).GetRowCursor(decoder.GetOutputSchema(source.Schema));
        var row = new CursorRow(cursor);
        Assert.True(cursor.MoveNext());
        Assert.Equal(255, row.Get<MLImage>("Decoded").Pixels[1]);
        Assert.True(cursor.MoveNext());
        Assert.Contains("Row 1: the latent in the column 'Latent' has 2 values; [2, 1, 2] needs 4", Assert.Throws<InvalidDataException>(() => row.Get<MLImage>("Decoded")).Message);
    }

    [Fact]
    public void A_missing_latent_is_an_error_or_a_null_image()
    {
        var broken = new float[] { 0, float.NaN, 0, 0 };
        Assert.Contains("NaN at place 1", Assert.Throws<InvalidDataException>(() => Decode(Options, broken)).Message);
        Assert.Equal([true, false], Decode(Options with { OnError = OnRowError.Missing }, broken, new float[4]).Select(image => image is null));
    }

    [Fact]
    public void A_latent_that_the_model_makes_NaN_of_is_a_bad_row_and_its_batch_is_delivered()
    {
        // R = 1e38 z0 - 1e38 z1: infinity less infinity for large latents, 0 for equal small ones.
        var decoder = TinyModels.Decoder();
        decoder.Graph.Initializer.Single(tensor => tensor.Name == "weight").FloatData[0] = 1e38f;
        decoder.Graph.Initializer.Single(tensor => tensor.Name == "weight").FloatData[1] = -1e38f;
        File.WriteAllBytes(TinyModels.DecoderPath(_pipeline.ModelFolder), decoder.ToByteArray());
        float[] large = [1e10f, 1e10f];

        var images = Decode(Options with { OnError = OnRowError.Missing }, new float[2], large, new float[2]);

        Assert.Null(images[1]);
        Assert.Equal([128, 128], new[] { images[0], images[2] }.Select(image => (int)image.Pixels[2]));
        Assert.Contains("NaN at x 0, y 0", Assert.Throws<InvalidDataException>(() => Decode(Options, large)).Message);
    }

    [Fact]
    public void Moments_are_not_taken_for_latents()
    {
        var context = _pipeline.Context;
        var chain = context.Transforms.LiteVaeEncode("Latent", "Image", _pipeline.EncodeOptions() with { Output = LatentOutput.Moments })
            .Append(context.Transforms.LiteVaeDecode("Decoded", "Latent", Options));
        var error = Assert.Throws<ArgumentException>(() => chain.Fit(_pipeline.Rows(1)));
        Assert.Contains("wants latents [2, 2, 2]", error.Message);
    }

    [Fact]
    public void A_column_that_is_no_vector_of_floats_is_refused()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => _pipeline.Context.Transforms.LiteVaeDecode("Decoded", "Number", Options).Fit(_pipeline.Rows(1)));
        Assert.Contains("'Number' is of type Int32", error.Message);
    }

    private MLImage[] Decode(LiteVaeDecodeOptions options, params float[][] latents)
    {
        var source = Latents(latents);
        using var decoder = _pipeline.Context.Transforms.LiteVaeDecode("Decoded", "Latent", options).Fit(source);
        return [.. decoder.Transform(source).GetColumn<MLImage>("Decoded")];
    }

    private IDataView Latents(params float[][] latents)
    {
        var definition = SchemaDefinition.Create(typeof(VariableRow));
        definition["Latent"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 2, 1, latents[0].Length / 2);
        return _pipeline.Context.Data.LoadFromEnumerable(latents.Select(latent => new VariableRow { Latent = latent }), definition);
    }

    private sealed class VariableRow
    {
        [VectorType]
        public float[] Latent { get; set; } = [];
    }
}
