using LiteVae.Tests;
using TorchSharp;

namespace LiteVae.Training.Tests;

[Collection(nameof(Estimator.AloneWithTorch))]
public sealed class LiteVaeTrainerTests
{
    [Fact]
    public void Training_makes_the_reconstructions_better_and_leaves_no_tensor_behind()
    {
        using var folder = new TemporaryFolder();
        TrainingPictures.Write(folder);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var seen = new Losses();
        var options = TrainingPictures.Options(folder) with { Stages = [new TrainingStage { Resolution = 32, Steps = 150, BatchSize = 4 }] };

        new LiteVaeTrainer(options).Train(progress: seen);

        // 150 steps in, 10 at each end averaged: one batch says little
        Assert.True(seen.All.TakeLast(10).Average(l => l.Reconstruction) < 0.5 * seen.All.Take(10).Average(l => l.Reconstruction));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.True(File.Exists(folder.At("run/samples/step-00000150.png")));
        Assert.True(File.Exists(folder.At("run/curve.png")));
    }

    [Fact]
    public void A_run_that_was_stopped_and_resumed_sees_the_same_losses_to_the_last_bit()
    {
        using var folder = new TemporaryFolder();
        TrainingPictures.Write(folder);
        var (whole, first, second) = (new Losses(), new Losses(), new Losses());

        var end = new LiteVaeTrainer(TrainingPictures.Options(folder, "whole")).Train(progress: whole);

        using var stop = new CancellationTokenSource();
        first.OnReport = p => CancelAfter(p, 4, stop);
        var options = TrainingPictures.Options(folder, "stopped");
        var middle = new LiteVaeTrainer(options).Train(progress: first, cancellation: stop.Token);
        Assert.EndsWith("step-00000004.safetensors", middle, StringComparison.Ordinal);
        var resumed = new LiteVaeTrainer(options).Train(resume: true, progress: second);

        Assert.Equal(whole.All, first.All.Concat(second.All));
        AssertSameTensors(end, resumed);
        Assert.Equal(10, new JsonLines<TrainingProgress>(folder.At("stopped/log.jsonl"), LogJson.Default.TrainingProgress).Read().Count);

        static void CancelAfter(TrainingProgress p, long steps, CancellationTokenSource stop)
        {
            if (p.StepsDone == steps)
            {
                stop.Cancel();
            }
        }
    }

    [Fact]
    public void A_run_folder_in_use_is_not_overwritten()
    {
        using var folder = new TemporaryFolder();
        TrainingPictures.Write(folder);
        var options = TrainingPictures.Options(folder) with { Stages = [new TrainingStage { Resolution = 16, Steps = 1, BatchSize = 1 }] };
        new LiteVaeTrainer(options).Train();

        var e = Assert.Throws<InvalidOperationException>(() => new LiteVaeTrainer(options).Train());
        Assert.Contains("already holds a run", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resuming_with_another_architecture_names_what_differs()
    {
        using var folder = new TemporaryFolder();
        TrainingPictures.Write(folder);
        var options = TrainingPictures.Options(folder);
        new LiteVaeTrainer(options).Train();

        var other = options with { Architecture = options.Architecture with { LatentChannels = 8 } };
        var e = Assert.Throws<InvalidDataException>(() => new LiteVaeTrainer(other).Train(resume: true));
        Assert.Contains("another architecture: its LatentChannels is 4, not 8.", e.Message, StringComparison.Ordinal);

        // all of whose tensors are there
        var shared = options with { Architecture = options.Architecture with { Encoder = options.Architecture.Encoder with { SharedExtractors = true } } };
        Assert.Contains("another architecture: its Encoder is", Assert.Throws<InvalidDataException>(() => new LiteVaeTrainer(shared).Train(resume: true)).Message, StringComparison.Ordinal);

        var shorter = options with { Stages = [options.Stages[0]] };
        Assert.Contains("is of step 10, but the stages have 6 steps", Assert.Throws<InvalidDataException>(() => new LiteVaeTrainer(shorter).Train(resume: true)).Message, StringComparison.Ordinal);
        Assert.Equal(options.ToJson(), File.ReadAllText(folder.At("run/options.json"))); // the refused options are not the run's
    }

    [Fact]
    public void What_a_killed_process_left_half_written_goes_with_the_next_checkpoint()
    {
        using var folder = new TemporaryFolder();
        TrainingPictures.Write(folder);
        var left = folder.Write("run/checkpoints/.0123.tmp", "half");
        new LiteVaeTrainer(TrainingPictures.Options(folder)).Train();
        Assert.False(File.Exists(left));
    }

    [Fact]
    public void Only_the_newest_checkpoints_are_kept()
    {
        using var folder = new TemporaryFolder();
        TrainingPictures.Write(folder);
        new LiteVaeTrainer(TrainingPictures.Options(folder)).Train();
        Assert.Equal(
            ["step-00000009.safetensors", "step-00000010.safetensors"],
            Directory.GetFiles(folder.At("run/checkpoints")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void An_unreadable_image_is_named_once_and_training_goes_on()
    {
        using var folder = new TemporaryFolder();
        TrainingPictures.Write(folder);
        folder.Write("data/broken.png", "no picture");
        var failures = new List<string>();
        var seen = new Losses();

        new LiteVaeTrainer(TrainingPictures.Options(folder)) { OnImageFailure = m => { lock (failures) { failures.Add(m); } } }.Train(progress: seen);

        Assert.Contains("broken.png", Assert.Single(failures), StringComparison.Ordinal);
        Assert.Equal(10, seen.All.Count);
    }

    [Fact]
    public void A_run_that_diverges_stops_with_the_step_and_the_way_out()
    {
        using var folder = new TemporaryFolder();
        TrainingPictures.Write(folder);
        var options = TrainingPictures.Options(folder) with { LearningRate = new LearningRateSchedule { Peak = 1e30 } };

        var e = Assert.Throws<TrainingDivergedException>(() => new LiteVaeTrainer(options).Train());
        Assert.Matches("^Step [1-9]", e.Message);
        Assert.Contains("lower learning rate", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_images_and_an_unknown_device_are_refused()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.At("data"));
        var options = TrainingPictures.Options(folder);
        Assert.Contains("no images", Assert.Throws<InvalidDataException>(() => new LiteVaeTrainer(options).Train()).Message, StringComparison.Ordinal);

        TrainingPictures.Write(folder);
        Assert.Contains("'gpu'", Assert.Throws<ArgumentException>(() => new LiteVaeTrainer(options with { Device = "gpu" })).Message, StringComparison.Ordinal);
        var absent = Assert.ThrowsAny<InvalidOperationException>(() => new LiteVaeTrainer(options with { Device = "cuda:99" }).Train());
        Assert.Contains("cuda:99", absent.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.At("run")));
    }

    [Fact]
    public void Options_report_every_fault_at_once()
    {
        var e = Assert.Throws<ArgumentException>(() => new LiteVaeTrainer(new LiteVaeTrainerOptions
        {
            Stages = [new TrainingStage { Resolution = 100, Steps = 0 }],
            EmaDecay = 1,
        }));
        foreach (var fault in new[] { "Data", "Output", "Stages[0].Resolution is 100", "Stages[0].Steps is 0", "EmaDecay is 1" })
        {
            Assert.Contains(fault, e.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Precision", "\"Precision\": 7")]
    [InlineData("Crop", "\"Stages\": [{ \"Crop\": 1 }]")]
    public void A_kind_by_number_is_refused(string name, string member) =>
        Assert.Contains(name, Assert.Throws<InvalidDataException>(() => LiteVaeTrainerOptions.Parse($"{{ {member} }}", "test")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_kind_that_there_is_not_is_refused()
    {
        var e = Assert.Throws<ArgumentException>(() => new LiteVaeTrainer(new LiteVaeTrainerOptions
        {
            Data = "photos", Output = "run", Precision = (TrainingPrecision)7, Discriminator = new DiscriminatorOptions { Kind = (DiscriminatorKind)7 },
            Stages = [new TrainingStage { Crop = (CropKind)7, Losses = new LossOptions { KlNormalisation = (KlNormalisation)7 } }],
        }));
        foreach (var fault in new[] { "Precision is 7; use Float32 or BFloat16", "Discriminator.Kind is 7", "Stages[0].Crop is 7; use Plain or Resized", "Stages[0].Losses.KlNormalisation is 7" })
        {
            Assert.Contains(fault, e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Options_survive_json_and_keep_their_defaults()
    {
        var parsed = LiteVaeTrainerOptions.Parse("""{ "Data": "photos", "Stages": [ { "Steps": 7 } ] }""", "test");
        Assert.Equal(("photos", 7, 128, 1e-4), (parsed.Data, parsed.Stages[0].Steps, parsed.Stages[0].Resolution, parsed.LearningRate.Peak));
        Assert.Equal(parsed.ToJson(), LiteVaeTrainerOptions.Parse(parsed.ToJson(), "test").ToJson());
        Assert.Contains("Dta", Assert.Throws<InvalidDataException>(() => LiteVaeTrainerOptions.Parse("""{ "Dta": "x" }""", "test")).Message, StringComparison.Ordinal);
    }

    private static void AssertSameTensors(string expected, string actual)
    {
        using var a = SafetensorsReader.Open(expected);
        using var b = SafetensorsReader.Open(actual);
        Assert.Equal(a.Entries.Select(e => e.Name), b.Entries.Select(e => e.Name));
        foreach (var entry in a.Entries)
        {
            Assert.True(b.TryGetEntry(entry.Name, out var other));
            Assert.True(a.GetBytes(entry).SequenceEqual(b.GetBytes(other!)), entry.Name);
        }
    }

    /// <summary>Keeps the reports, in order; <see cref="Progress{T}"/> would post them to other threads.</summary>
    private sealed class Losses : IProgress<TrainingProgress>
    {
        public List<StepLosses> All { get; } = [];

        public Action<TrainingProgress>? OnReport { get; set; }

        public void Report(TrainingProgress value)
        {
            All.Add(value.Losses);
            OnReport?.Invoke(value);
        }
    }
}
