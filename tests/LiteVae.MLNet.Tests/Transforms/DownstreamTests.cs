using Microsoft.ML;
using Microsoft.ML.Data;

namespace LiteVae.Tests.Transforms;

/// <summary>Latents feed ML.NET's own trainers, and the whole pipeline, saved and loaded, predicts.</summary>
public sealed class DownstreamTests : IDisposable
{
    private readonly Pipeline _pipeline = new();

    public void Dispose() => _pipeline.Dispose();

    [Fact]
    public void KMeans_separates_two_colours()
    {
        var trainer = _pipeline.Context.Clustering.Trainers.KMeans("Latent", numberOfClusters: 2);
        var predictions = TrainSaveAndPredict<Cluster>(trainer).Select(row => row.PredictedLabel).ToArray();
        Assert.All(predictions.Chunk(2), pair => Assert.Equal(predictions[..2], pair));
        Assert.NotEqual(predictions[0], predictions[1]);
    }

    [Fact]
    public void Logistic_regression_by_SDCA_learns_a_colour()
    {
        var trainer = _pipeline.Context.BinaryClassification.Trainers.SdcaLogisticRegression("IsRed", "Latent");
        Assert.Equal(Enumerable.Range(0, 40).Select(number => number % 2 == 0), TrainSaveAndPredict<Class>(trainer).Select(row => row.PredictedLabel));
    }

    [Fact]
    public void Principal_components_find_the_odd_one_out()
    {
        var trainer = _pipeline.Context.AnomalyDetection.Trainers.RandomizedPca("Latent", rank: 1, oversampling: 1, ensureZeroMean: true, seed: 0);
        using var model = Fit(trainer);
        var odd = new ColouredRow { Image = PictureRow.Solid(PictureRow.Side, PictureRow.Side, (0, 255, 0)) };
        var scores = _pipeline.Context.Data.CreateEnumerable<Anomaly>(model.Transform(_pipeline.Context.Data.LoadFromEnumerable([.. Rows(), odd])), false).Select(row => row.Score).ToArray();
        Assert.Equal(40, Array.IndexOf(scores, scores.Max()));
    }

    private TPrediction[] TrainSaveAndPredict<TPrediction>(IEstimator<ITransformer> trainer)
        where TPrediction : class, new()
    {
        using (var model = Fit(trainer))
        {
            _pipeline.Context.Model.Save(model, _pipeline.Context.Data.LoadFromEnumerable(Rows()).Schema, _pipeline["model.zip"]);
        }

        using var engine = _pipeline.Context.Model.CreatePredictionEngine<ColouredRow, TPrediction>(_pipeline.Context.Model.Load(_pipeline["model.zip"], out _));
        return [.. Rows().Select(engine.Predict)];
    }

    private TransformerChain<ITransformer> Fit(IEstimator<ITransformer> trainer) => _pipeline.Context.Transforms
        .LiteVaeEncode("Latent", "Image", _pipeline.EncodeOptions()).Append(trainer).Fit(_pipeline.Context.Data.LoadFromEnumerable(Rows()));

    /// <summary>Red and blue pictures by turns, each of another shade.</summary>
    private static ColouredRow[] Rows() => [.. Enumerable.Range(0, 40).Select(number => new ColouredRow
    {
        IsRed = number % 2 == 0,
        Image = PictureRow.Solid(PictureRow.Side, PictureRow.Side, number % 2 == 0 ? ((byte)(250 - number), (byte)0, (byte)number) : ((byte)number, (byte)0, (byte)(250 - number))),
    })];

    private sealed class ColouredRow
    {
        public bool IsRed { get; set; }

        [Microsoft.ML.Transforms.Image.ImageType(PictureRow.Side, PictureRow.Side)]
        public MLImage? Image { get; set; }
    }

    private sealed class Cluster
    {
        public uint PredictedLabel { get; set; }
    }

    private sealed class Class
    {
        public bool PredictedLabel { get; set; }
    }

    private sealed class Anomaly
    {
        public float Score { get; set; }
    }
}
