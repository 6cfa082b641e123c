using LiteVae.Tests;
using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;

namespace LiteVae.Training.Tests.Estimator;

/// <summary>libtorch has one generator of random numbers: who compares two trainings bit by bit trains while nobody else draws from it.</summary>
[CollectionDefinition(nameof(AloneWithTorch), DisableParallelization = true)]
public sealed class AloneWithTorch;

[Collection(nameof(AloneWithTorch))]
public sealed class LiteVaeTrainingEstimatorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _context = new(seed: 0);
    private readonly List<string> _log = [];
    private readonly string[] _files;

    public LiteVaeTrainingEstimatorTests()
    {
        NativeTorch.EnsureLoaded();
        _files = [.. Directory.GetFiles(TrainingPictures.Write(_folder)).Order()];
        _context.Log += (_, e) => _log.Add($"{e.Kind}: {e.Message}");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Path")]
    [InlineData("Bytes")]
    [InlineData("Image")]
    public void Every_kind_of_column_trains_a_model_whose_latents_the_transformer_gives(string column)
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var rows = Rows();
        var steps = new List<long>();
        var options = Options() with { Progress = new Steps(steps) };
        using var encoder = _context.LiteVae().Train("Latent", column, options).Fit(rows);

        var latents = Latents(encoder.Transform(rows));
        Assert.All(latents, latent => Assert.Equal(4 * 4 * 4, latent.Length));
        Assert.Equal(Enumerable.Range(1, 10).Select(step => (long)step), steps);
        Assert.Contains(_log, line => line.Contains("Info: ") && line.Contains("step 10 of 10, loss "));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        // the exported folder, through the ordinary component, and the training itself, through the trainer on the files
        using var exported = _context.Transforms.LiteVaeEncode("Latent", column, options.Encode with { Model = _folder.At("run/model") }).Fit(rows);
        Assert.Equal(latents, Latents(exported.Transform(rows)));
        new LiteVaeTrainer(TrainingPictures.Options(_folder, "files")).Train();
        AssertSameWeights(_folder.At("files"), _folder.At("run"));
    }

    [Fact]
    public void It_stands_in_a_chain_that_is_saved_and_loaded()
    {
        var rows = Rows();
        var pipeline = _context.LiteVae().Train("Latent", "Path", Options()).Append(_context.Clustering.Trainers.KMeans("Latent", numberOfClusters: 2));
        using var model = pipeline.Fit(rows);
        _context.Model.Save(model, rows.Schema, _folder.At("model.zip"));
        Directory.Delete(_folder.At("run"), recursive: true);
        var loaded = _context.Model.Load(_folder.At("model.zip"), out _);
        Assert.Equal(model.Transform(rows).GetColumn<uint>("PredictedLabel"), loaded.Transform(rows).GetColumn<uint>("PredictedLabel"));
    }

    [Fact]
    public void A_cancelled_fit_is_gone_on_with_by_the_same_fit_and_a_finished_one_is_reused()
    {
        var rows = Rows();
        using var stop = new CancellationTokenSource();
        var steps = new List<long>();
        var options = Options() with { Progress = new Steps(steps, step => CancelAfter(step, 4)), CancellationToken = stop.Token };
        var error = Assert.Throws<OperationCanceledException>(() => _context.LiteVae().Train("Latent", "Image", options).Fit(rows));
        Assert.Contains("step-00000004.safetensors", error.Message);

        options = options with { CancellationToken = default };
        using var encoder = _context.LiteVae().Train("Latent", "Image", options).Fit(rows);
        Assert.Equal(Enumerable.Range(1, 10).Select(step => (long)step), steps);
        using var again = _context.LiteVae().Train("Latent", "Image", options).Fit(rows);
        Assert.Equal(10, steps.Count);
        Assert.Equal(Latents(encoder.Transform(rows)), Latents(again.Transform(rows)));

        new LiteVaeTrainer(TrainingPictures.Options(_folder, "files")).Train();
        AssertSameWeights(_folder.At("files"), _folder.At("run"));

        void CancelAfter(long step, long last)
        {
            if (step == last)
            {
                stop.Cancel();
            }
        }
    }

    [Fact]
    public void A_run_on_other_images_or_with_other_options_is_not_gone_on_with()
    {
        _context.LiteVae().Train("Latent", "Bytes", Options()).Fit(Rows()).Dispose();

        var fewer = Assert.Throws<InvalidOperationException>(() => _context.LiteVae().Train("Latent", "Bytes", Options()).Fit(_context.Data.TakeRows(Rows(), 3)));
        Assert.Contains("holds a run on other images", fewer.Message);
        File.Copy(_files[1], _files[0], overwrite: true);
        var changed = Assert.Throws<InvalidOperationException>(() => _context.LiteVae().Train("Latent", "Bytes", Options()).Fit(Rows()));
        Assert.Contains("holds a run on other images", changed.Message);

        _context.LiteVae().Train("Latent", "Path", Options("paths")).Fit(Rows()).Dispose();
        var options = Options("paths");
        options = options with { Trainer = options.Trainer with { Seed = 7 } };
        var other = Assert.Throws<InvalidOperationException>(() => _context.LiteVae().Train("Latent", "Path", options).Fit(Rows()));
        Assert.Contains("holds a run with another Seed (see", other.Message);
        options = Options("paths");
        options = options with { Trainer = options.Trainer with { LearningRate = new LearningRateSchedule { Peak = 1e-5 }, LogEvery = 2 } };
        other = Assert.Throws<InvalidOperationException>(() => _context.LiteVae().Train("Latent", "Path", options).Fit(Rows()));
        Assert.Contains("holds a run with another LearningRate (see", other.Message); // a finished one; LogEvery changes no weight
    }

    [Fact]
    public void Paths_count_in_the_order_of_the_rows_and_as_often_as_they_come()
    {
        string[] paths = [_files[4], _files[1], _files[4], _files[0]];
        var rows = _context.Data.LoadFromEnumerable(paths.Select(path => new Row { Path = path, Bytes = File.ReadAllBytes(path) }).ToArray());
        _context.LiteVae().Train("Latent", "Path", Options("paths")).Fit(rows).Dispose();
        _context.LiteVae().Train("Latent", "Bytes", Options("bytes")).Fit(rows).Dispose();
        Assert.Equal(paths, File.ReadAllLines(_folder.At("paths/images.txt")));
        AssertSameWeights(_folder.At("paths"), _folder.At("bytes"));
    }

    [Fact]
    public void Rows_without_a_usable_image_are_named_and_left_out()
    {
        File.WriteAllText(_folder.At("broken.png"), "no picture");
        var paths = _context.Data.LoadFromEnumerable(_files.Concat(["", _folder.At("broken.png"), " x"]).Select(path => new Row { Path = path }));
        using var encoder = _context.LiteVae().Train("Latent", "Path", Options()).Fit(paths);
        Assert.Contains(_log, line => line.Contains("Row 6 is left out of the training: the path in the column 'Path' is ''"));
        Assert.Contains(_log, line => line.Contains("2 rows are left out"));
        Assert.Contains(_log, line => line.Contains("broken.png: not an image"));

        var none = _context.Data.LoadFromEnumerable([new Row(), new Row()]);
        var error = Assert.Throws<InvalidDataException>(() => _context.LiteVae().Train("Latent", "Bytes", Options("none")).Fit(none));
        Assert.Equal("The column 'Bytes' has no image to train on: all 2 rows are without one. The first: there are no bytes in the column 'Bytes'.", error.Message);
        Assert.False(Directory.Exists(_folder.At("none/checkpoints")));
    }

    [Fact]
    public void Wrong_options_and_columns_are_refused_before_any_work()
    {
        var options = Options();
        options = options with { Trainer = options.Trainer with { Data = "photos", Output = "" }, Encode = options.Encode with { Model = "x", BatchSize = 0 } };
        var error = Assert.Throws<ArgumentException>(() => _context.LiteVae().Train("Latent", "Image", options));
        foreach (var fault in new[] { "Trainer.Data is 'photos'", "Encode.Model is 'x'", "Output is empty", "BatchSize is 0" })
        {
            Assert.Contains(fault, error.Message);
        }

        var size = Options() with { Encode = new LiteVaeEncodeOptions { Width = 20, Height = 32 } };
        var tile = Options() with { Encode = new LiteVaeEncodeOptions { TileSize = 100 } };
        Assert.Contains("TileSize is 100", Assert.Throws<ArgumentException>(() => _context.LiteVae().Train("Latent", "Image", tile)).Message);
        Assert.Contains("needs multiples of 8", Assert.Throws<ArgumentException>(() => _context.LiteVae().Train("Latent", "Image", size)).Message);
        Assert.Contains("no input column 'Picture'", Assert.Throws<ArgumentOutOfRangeException>(() => _context.LiteVae().Train("Latent", "Picture", Options()).Fit(Rows())).Message);
        Assert.Contains("'Number' is of type", Assert.Throws<ArgumentOutOfRangeException>(() => _context.LiteVae().Train("Latent", "Number", Options()).Fit(Rows())).Message);
        Assert.False(Directory.Exists(_folder.At("run")));
    }

    private LiteVaeTrainOptions Options(string run = "run") => new()
    {
        Trainer = TrainingPictures.Options(_folder, run) with { Data = "" },
        Encode = new LiteVaeEncodeOptions { Width = 32, Height = 32, Threads = 1 },
    };

    private IDataView Rows() => _context.Data.LoadFromEnumerable(_files.Select((path, number) =>
    {
        var picture = ImageDecoder.Decode(path);
        byte[] pixels = [.. picture.Pixels.Chunk(3).SelectMany(pixel => new byte[] { pixel[0], pixel[1], pixel[2], 255 })];
        return new Row
        {
            Number = number, Path = path, Bytes = File.ReadAllBytes(path), Image = MLImage.CreateFromPixels(picture.Width, picture.Height, MLPixelFormat.Rgba32, pixels),
        };
    }).ToArray());

    private static float[][] Latents(IDataView view) => [.. view.GetColumn<float[]>("Latent")];

    private static void AssertSameWeights(string run, string other)
    {
        using var a = SafetensorsReader.Open(new CheckpointFolder(run).Newest()!);
        using var b = SafetensorsReader.Open(new CheckpointFolder(other).Newest()!);
        Assert.NotEmpty(a.Entries);
        foreach (var entry in a.Entries)
        {
            Assert.True(b.TryGetEntry(entry.Name, out var same));
            Assert.True(a.GetBytes(entry).SequenceEqual(b.GetBytes(same!)), entry.Name);
        }
    }

    private sealed class Steps(List<long> seen, Action<long>? then = null) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            seen.Add(value.StepsDone);
            then?.Invoke(value.StepsDone);
        }
    }

    private sealed class Row
    {
        public int Number { get; set; }

        public string Path { get; set; } = "";

        [VectorType]
        public byte[] Bytes { get; set; } = [];

        [Microsoft.ML.Transforms.Image.ImageType(1, 1)]
        public MLImage? Image { get; set; }
    }
}
