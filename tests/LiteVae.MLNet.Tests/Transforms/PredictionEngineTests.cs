using Microsoft.ML;
using Microsoft.ML.Data;

namespace LiteVae.Tests.Transforms;

public sealed class PredictionEngineTests : IDisposable
{
    private readonly Pipeline _pipeline = new();

    public void Dispose() => _pipeline.Dispose();

    [Fact]
    public void An_engine_predicts_row_by_row_and_its_results_stay_alive()
    {
        var encoder = _pipeline.Encoder();
        using var engine = _pipeline.Context.Model.CreatePredictionEngine<PictureRow, LatentRow>(encoder);
        var results = Enumerable.Range(0, 20).Select(number => engine.Predict(PictureRow.Create(number))).ToArray();

        Assert.All(results, (result, number) => PictureRow.AssertLatent(number, result.Latent));
        Assert.Equal(20, encoder.Model.EncoderRuns);
    }

    [Fact]
    public async Task Engines_on_several_threads_share_one_model()
    {
        using var encoder = _pipeline.Encoder();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            // The transformer is everybody's: an engine that owned it would take it away from the others.
            using var engine = _pipeline.Context.Model.CreatePredictionEngine<PictureRow, LatentRow>(encoder, new PredictionEngineOptions { OwnsTransformer = false });
            for (var number = thread; number < 50; number += 4)
            {
                PictureRow.AssertLatent(number, engine.Predict(PictureRow.Create(number)).Latent);
            }
        })));
        Assert.Equal(50, encoder.Model.EncoderRuns);
    }

    [Fact]
    public void Disposing_the_engine_gives_the_model_back()
    {
        var encoder = _pipeline.Encoder();
        var engine = _pipeline.Context.Model.CreatePredictionEngine<PictureRow, LatentRow>(encoder);
        engine.Predict(PictureRow.Create(1));
        Assert.True(encoder.Model.IsAlive);
        engine.Dispose();
        Assert.False(encoder.Model.IsAlive);
    }

    [Fact]
    public void A_bad_row_throws_and_the_next_one_is_predicted()
    {
        using var engine = _pipeline.Context.Model.CreatePredictionEngine<PictureRow, LatentRow>(_pipeline.Encoder());
        Assert.Throws<InvalidDataException>(() => engine.Predict(new PictureRow { Image = null }));
        PictureRow.AssertLatent(3, engine.Predict(PictureRow.Create(3)).Latent);
    }

    [Fact]
    public void A_chain_of_encoder_and_decoder_predicts_images()
    {
        var context = _pipeline.Context;
        var chain = context.Transforms.LiteVaeEncode("Latent", "Image", _pipeline.EncodeOptions())
            .Append(context.Transforms.LiteVaeDecode("Decoded", "Latent", new LiteVaeDecodeOptions { Model = _pipeline.ModelFolder }));
        using var engine = context.Model.CreatePredictionEngine<PictureRow, DecodedRow>(chain.Fit(_pipeline.Rows(1)));
        using var first = engine.Predict(PictureRow.Create(100)).Decoded;
        using var second = engine.Predict(PictureRow.Create(120)).Decoded;

        // R = z0 = R + 2 G, clamped: 100 and 300 % 256 = 44 -> below -1 -> 0; 120 and 360 % 256 = 104 -> -0.43 -> 73.
        Assert.Equal((0, 73), (first!.Pixels[2], second!.Pixels[2]));
    }

    [Fact]
    public async Task A_model_disposed_under_a_prediction_lets_it_finish()
    {
        // The prediction has begun: it is reading its image when the transformer goes.
        PngFile.Save(_pipeline["picture.png"], new RgbImage(16, 16, new byte[768]));
        using var inside = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        var input = new WaitingRow(_pipeline["picture.png"], () =>
        {
            inside.Set();
            leave.Wait(TimeSpan.FromSeconds(30));
        });
        var options = new LiteVaeReconstructOptions { Model = _pipeline.ModelFolder, PsnrColumn = "Psnr" };
        var transformer = new LiteVaeReconstructingTransformer(_pipeline.Host, "Picture", WaitingRow.Column, options, LiteVaeModel.Load(_pipeline.ModelFolder));
        var mapper = transformer.GetRowToRowMapper(input.Schema);
        var row = mapper.GetRow(input, mapper.OutputSchema);
        var prediction = Task.Run(() => (Get<MLImage>(row, "Picture"), Get<float>(row, "Psnr")));

        Assert.True(inside.Wait(TimeSpan.FromSeconds(30)));
        transformer.Dispose();
        leave.Set();
        var (picture, psnr) = await prediction;
        using (picture)
        {
            Assert.Equal(16, picture.Width);
        }

        Assert.Equal(float.PositiveInfinity, psnr); // black comes back as black
        Assert.False(transformer.Model.IsAlive);

        T Get<T>(DataViewRow from, string column)
        {
            T value = default!;
            from.GetGetter<T>(mapper.OutputSchema[column])(ref value);
            return value;
        }
    }

    [Fact]
    public void A_model_that_cannot_be_loaded_is_no_bad_row()
    {
        using var encoder = _pipeline.Encoder(_pipeline.EncodeOptions() with { OnError = OnRowError.Missing });
        File.WriteAllText(TinyModels.EncoderPath(_pipeline.ModelFolder), "no model");
        using var engine = _pipeline.Context.Model.CreatePredictionEngine<PictureRow, LatentRow>(encoder, new PredictionEngineOptions { OwnsTransformer = false });
        Assert.Contains("not an ONNX model", Assert.Throws<InvalidDataException>(() => engine.Predict(PictureRow.Create(1))).Message);
        Assert.Contains("not an ONNX model", Assert.Throws<InvalidDataException>(() => Pipeline.Latents(encoder.Transform(_pipeline.Rows(1)))).Message);
        Assert.Equal(0, encoder.MissingRows);
    }

    [Fact]
    public async Task Two_threads_in_one_row_are_told_so()
    {
        using var inside = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        var input = new WaitingRow("no-such-file.png", () =>
        {
            inside.Set();
            leave.Wait(TimeSpan.FromSeconds(30));
        });
        using var paths = new LiteVaeEncodingTransformer(_pipeline.Host, "Latent", WaitingRow.Column, _pipeline.EncodeOptions(), LiteVaeModel.Load(_pipeline.ModelFolder));
        var mapper = paths.GetRowToRowMapper(input.Schema);
        using var row = mapper.GetRow(input, mapper.OutputSchema);
        var get = row.GetGetter<VBuffer<float>>(mapper.OutputSchema["Latent"]);

        var first = Task.Run(() => Assert.Throws<InvalidDataException>(() => Read(get)));
        Assert.True(inside.Wait(TimeSpan.FromSeconds(30)));
        var error = Assert.Throws<InvalidOperationException>(() => Read(get));
        leave.Set();

        Assert.Contains("several threads at once", error.Message);
        Assert.Contains("no-such-file.png", (await first).Message);

        static void Read(ValueGetter<VBuffer<float>> getter)
        {
            VBuffer<float> value = default;
            getter(ref value);
        }
    }

    /// <summary>A row with a path; reading it takes as long as the test wants.</summary>
    private sealed class WaitingRow(string path, Action wait) : DataViewRow
    {
        public const string Column = "Path";

        public override DataViewSchema Schema { get; } = CreateSchema();

        public override long Position => 0;

        public override long Batch => 0;

        public override bool IsColumnActive(DataViewSchema.Column column) => true;

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = default;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => (ValueGetter<TValue>)(object)new ValueGetter<ReadOnlyMemory<char>>(Read);

        private void Read(ref ReadOnlyMemory<char> value)
        {
            wait();
            value = path.AsMemory();
        }

        private static DataViewSchema CreateSchema()
        {
            var builder = new DataViewSchema.Builder();
            builder.AddColumn(Column, TextDataViewType.Instance);
            return builder.ToSchema();
        }
    }
}
