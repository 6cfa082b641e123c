using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace LiteVae.Tests.Transforms;

public sealed class SchemaPropagationTests : IDisposable
{
    private readonly Pipeline _pipeline = new();

    public void Dispose() => _pipeline.Dispose();

    [Fact]
    public void A_stock_trainer_learns_from_latents_through_a_cache()
    {
        var context = _pipeline.Context;
        var source = _pipeline.Rows(60);
        var pipeline = context.Transforms.LiteVaeEncode("Latent", "Image", _pipeline.EncodeOptions())
            .AppendCacheCheckpoint(context)
            .Append(context.Clustering.Trainers.KMeans("Latent", numberOfClusters: 3));
        using var model = pipeline.Fit(source);
        var view = model.Transform(source);

        var clusters = view.GetColumn<uint>("PredictedLabel").ToArray();
        var latents = Pipeline.Latents(view);
        Assert.Equal(3, clusters.Distinct().Count());

        // Independent check: every row is in the cluster whose mean latent is nearest.
        var centres = clusters.Distinct().ToDictionary(c => c, c => latents.Where((_, i) => clusters[i] == c).Aggregate((a, b) => [.. a.Zip(b, (x, y) => x + y)]).Select(sum => sum / clusters.Count(other => other == c)).ToArray());
        Assert.True(clusters.Select((cluster, i) => centres.MinBy(centre => centre.Value.Zip(latents[i], (x, y) => (x - y) * (x - y)).Sum()).Key == cluster).Count(right => right) >= 57);
    }

    [Fact]
    public void Filtering_and_enumerating_work_behind_an_encoder()
    {
        var context = _pipeline.Context;
        using var encoder = _pipeline.Encoder();
        var filtered = context.Data.FilterRowsByColumn(encoder.Transform(AsSingle(_pipeline.Rows(50))), "Single", 10, 20);
        var rows = context.Data.CreateEnumerable<LatentRow>(filtered, reuseRowObject: false).ToList();
        Assert.Equal(Enumerable.Range(10, 10), rows.Select(row => row.Number));
        Assert.All(rows, row => PictureRow.AssertLatent(row.Number, row.Latent));

        IDataView AsSingle(IDataView view) => context.Transforms.Conversion.ConvertType("Single", "Number", DataKind.Single).Fit(view).Transform(view);
    }

    [Fact]
    public void A_cached_view_runs_the_model_in_the_first_pass_only()
    {
        using var encoder = _pipeline.Encoder();
        var cached = _pipeline.Context.Data.Cache(encoder.Transform(_pipeline.Rows(20)), "Latent");
        var first = Pipeline.Latents(cached);
        var runs = encoder.Model.EncoderRuns;
        Assert.Equal(first, Pipeline.Latents(cached));
        Assert.Equal((3, runs), (runs, encoder.Model.EncoderRuns));
    }

    [Fact]
    public void A_shape_says_what_the_schema_will_be()
    {
        var context = _pipeline.Context;
        var source = _pipeline.Rows(1);
        var encode = context.Transforms.LiteVaeEncode("Latent", "Image", _pipeline.EncodeOptions());
        var decode = context.Transforms.LiteVaeDecode("Decoded", "Latent", new LiteVaeDecodeOptions { Model = _pipeline.ModelFolder });
        var reconstruct = context.Transforms.LiteVaeReconstruct("Image", "Image", new LiteVaeReconstructOptions { Model = _pipeline.ModelFolder, PsnrColumn = "Psnr" });
        var chain = encode.Append(decode).Append(reconstruct);

        using var model = chain.Fit(source);
        var schema = model.GetOutputSchema(source.Schema);
        var shape = chain.GetOutputSchema(Pipeline.Shape(source.Schema));

        Assert.Equal(schema.Where(column => !column.IsHidden).Select(column => column.Name).Order(), shape.Select(column => column.Name).Order());
        Assert.Equal(SchemaShape.Column.VectorKind.Vector, shape.Single(column => column.Name == "Latent").Kind);
        Assert.IsType<ImageDataViewType>(shape.Single(column => column.Name == "Decoded").ItemType);
        Assert.Equal(new ImageDataViewType(16, 16), schema["Decoded"].Type);
        Assert.Equal(NumberDataViewType.Single, schema["Psnr"].Type);
    }

    [Fact]
    public void A_missing_column_is_named_with_those_there_are()
    {
        var estimator = _pipeline.Context.Transforms.LiteVaeEncode("Latent", "Picture", _pipeline.EncodeOptions());
        foreach (var fit in new Action[] { () => estimator.Fit(_pipeline.Rows(1)), () => estimator.GetOutputSchema(Pipeline.Shape(_pipeline.Rows(1).Schema)) })
        {
            var error = Assert.Throws<ArgumentOutOfRangeException>(fit);
            Assert.Contains("no input column 'Picture'", error.Message);
            Assert.Contains("Number, Name, Values, Image", error.Message);
        }
    }

    [Theory]
    [InlineData("Number")]
    [InlineData("Values")]
    public void A_column_that_holds_no_images_is_refused(string column)
    {
        var estimator = _pipeline.Context.Transforms.LiteVaeEncode("Latent", column, _pipeline.EncodeOptions());
        foreach (var fit in new Action[] { () => estimator.Fit(_pipeline.Rows(1)), () => estimator.GetOutputSchema(Pipeline.Shape(_pipeline.Rows(1).Schema)) })
        {
            var error = Assert.Throws<ArgumentOutOfRangeException>(fit);
            Assert.Contains($"'{column}' is of type", error.Message);
            Assert.Contains("MLImage", error.Message);
        }
    }

    [Fact]
    public void Disposing_one_fitted_transformer_leaves_another_of_the_same_estimator_alone()
    {
        var estimator = _pipeline.Context.Transforms.LiteVaeEncode("Latent", "Image", _pipeline.EncodeOptions());
        using var kept = estimator.Fit(_pipeline.Rows(1));
        estimator.Fit(_pipeline.Rows(1)).Dispose();
        PictureRow.AssertLatent(0, Pipeline.Latents(kept.Transform(_pipeline.Rows(1)))[0]);
    }
}
