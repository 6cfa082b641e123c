using LiteVae.Tests.Shared;
using Microsoft.Extensions.ObjectPool;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace LiteVae.Tests.Transforms;

/// <summary>The code of docs/pipelines.md, run as it stands there.</summary>
public sealed class PipelineExamples : IDisposable
{
    private static readonly string[] Photos = [.. Directory.GetFiles(Path.Combine(SharedData.Repository, "samples", "photos"), "*.jpg").Order()];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Annotations_are_read()
    {
        var rows = new MLContext().Data.LoadFromEnumerable([new Photo { Path = Photos[0] }]);
        using var encoder = new MLContext().Transforms.LiteVaeEncode("Latent", "Path", new LiteVaeEncodeOptions { Width = 64, Height = 64 }).Fit(rows);
        var view = encoder.Transform(rows);

        // README:begin annotations
        var column = view.Schema["Latent"];
        VBuffer<int> shape = default;
        column.Annotations.GetValue(LatentAnnotations.LatentShape, ref shape); // 12, 8, 8
        ReadOnlyMemory<char> fingerprint = default;
        column.Annotations.GetValue(LatentAnnotations.EncoderSha256, ref fingerprint);
        // README:end
        Assert.Equal([12, 8, 8], shape.DenseValues());
        Assert.Equal(64, fingerprint.Length);
    }

    [Fact]
    public void Latents_are_saved_and_loaded()
    {
        var ml = new MLContext();
        var photos = ml.Data.LoadFromEnumerable(Photos.Select(path => new Photo { Path = path }));
        var folder = _folder.At("latents");

        // README:begin save-latents
        var options = new LiteVaeSaveOptions { ImageColumn = "Path", KeyColumn = "Path", Sizes = [new(64, 64)] };
        var result = ml.Data.SaveLatents(photos, folder, options); // again: goes on where it stopped
        Console.WriteLine($"{result.TaskImages} images, {result.TaskFailed} failed");
        var latents = ml.Data.LoadLatents(folder, new LiteVaeLoadOptions { Scaled = true });
        // README:end
        Assert.Equal(Photos, latents.GetColumn<string>("Key"));
        Assert.All(latents.GetColumn<float[]>("Latent"), latent => Assert.Equal(12 * 8 * 8, latent.Length));
    }

    [Fact]
    public void Bad_rows_are_filtered()
    {
        var broken = _folder.At("broken.jpg");
        File.WriteAllText(broken, "no photo");
        var ml = new MLContext();
        var photos = ml.Data.LoadFromEnumerable([new Photo { Path = Photos[0] }, new Photo { Path = broken }]);

        // README:begin bad-rows
        var options = new LiteVaeEncodeOptions { Width = 256, Height = 256, OnError = OnRowError.Missing };
        using var encoder = ml.Transforms.LiteVaeEncode("Latent", "Path", options).Fit(photos);
        var good = ml.Data.FilterRowsByMissingValues(encoder.Transform(photos), "Latent");
        var latents = good.GetColumn<float[]>("Latent").ToArray();
        Console.WriteLine($"{latents.Length} encoded, {encoder.MissingRows} bad");
        // README:end
        Assert.Equal((1, 1), (latents.Length, encoder.MissingRows));
    }

    [Fact]
    public void Outliers_have_a_low_PSNR()
    {
        var ml = new MLContext();
        var photos = ml.Data.LoadFromEnumerable(Photos[..2].Select(path => new Photo { Path = path }));

        // README:begin outliers
        var options = new LiteVaeReconstructOptions { Width = 128, Height = 128, PsnrColumn = "Psnr", SsimColumn = "Ssim" };
        using var reconstruct = ml.Transforms.LiteVaeReconstruct("Picture", "Path", options).Fit(photos);
        var unlike = ml.Data.FilterRowsByColumn(reconstruct.Transform(photos), "Psnr", upperBound: 20); // below 20 dB
        // README:end
        Assert.All(reconstruct.Transform(photos).GetColumn<float>("Psnr"), psnr => Assert.InRange(psnr, 20, 40));
        Assert.Empty(unlike.GetColumn<float>("Psnr"));
    }

    [Fact]
    public async Task A_pool_serves_many_threads()
    {
        var file = _folder.At("pipeline.zip");
        var saving = new MLContext();
        var rows = saving.Data.LoadFromEnumerable(Photos.Select(path => new Photo { Path = path }));
        using (var encoder = saving.Transforms.LiteVaeEncode("Latent", "Path", new LiteVaeEncodeOptions { Width = 64, Height = 64 }).Fit(rows))
        {
            saving.Model.Save(encoder, rows.Schema, file);
        }

        // README:begin pool
        var ml = new MLContext();
        var pipeline = ml.Model.Load(file, out _); // once, for the life of the app
        var pool = new DefaultObjectPoolProvider().Create(new EnginePolicy(ml, pipeline));

        float[] Encode(string path)
        {
            var engine = pool.Get();
            try
            {
                return engine.Predict(new Photo { Path = path }).Latent;
            }
            finally
            {
                pool.Return(engine);
            }
        }
        // README:end

        var latents = await Task.WhenAll(Photos.Select(path => Task.Run(() => Encode(path))));
        Assert.Equal(Pipeline.Latents(pipeline.Transform(rows)), latents);
        ((IDisposable)pipeline).Dispose();
    }

    // README:begin pool-policy
    private sealed class EnginePolicy(MLContext ml, ITransformer pipeline) : PooledObjectPolicy<PredictionEngine<Photo, Latents>>
    {
        // The pipeline is everybody's: an engine that is dropped must not dispose it.
        public override PredictionEngine<Photo, Latents> Create() =>
            ml.Model.CreatePredictionEngine<Photo, Latents>(pipeline, new PredictionEngineOptions { OwnsTransformer = false });

        public override bool Return(PredictionEngine<Photo, Latents> engine) => true;
    }
    // README:end

    private sealed class Photo
    {
        public string Path { get; set; } = "";
    }

    private sealed class Latents
    {
        [VectorType]
        public float[] Latent { get; set; } = [];
    }
}
