using System.Diagnostics;
using System.Text.Json;
using LiteVae.Tests;
using LiteVae.Tests.Shared;
using LiteVae.Training;

namespace LiteVae.Cli.Tests.Commands;

public sealed class TrainTests : IDisposable
{
    /// <summary>A network of a few thousand weights, a step of which takes a blink.</summary>
    private const string TinyOptions =
        """
        {
          "Architecture": {
            "LatentChannels": 4,
            "Encoder": { "Extractor": { "Width": 4, "Multipliers": [1] }, "Aggregator": { "Width": 4, "Multipliers": [1] } },
            "Decoder": { "Width": 4, "Multipliers": [1, 1, 1], "BlocksPerLevel": 1, "Norm": "SelfModulated", "Attention": false, "Output": "Wavelet" }
          },
          "Stages": [{ "Resolution": 32, "Steps": 6, "BatchSize": 2 }],
          "LogEvery": 1, "CheckpointEvery": 4, "SampleEvery": 1000
        }
        """;

    private static readonly string Photos = Path.Combine(SharedData.Repository, "samples", "photos");

    private readonly TemporaryFolder _folder = new();
    private readonly string _options;

    public TrainTests() => _options = _folder.Write("tiny.json", TinyOptions);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_model_is_trained_resumed_exported_and_used()
    {
        var run = _folder.At("run");
        var first = (await Litevae.Run("train", "--data", Photos, "--out", run, "--options", _options, "--json", "-")).Expect(0);
        Assert.Equal(Path.Combine(run, "checkpoints", "step-00000006.safetensors"), first.Json.GetProperty("checkpoint").GetString());
        Assert.Contains(Path.Combine(run, "report.html"), first.Error, StringComparison.Ordinal); // where to look, before the work
        Assert.Contains("\"event\":\"progress\"", first.Error, StringComparison.Ordinal);

        var again = (await Litevae.Run("train", "--data", Photos, "--out", run, "--options", _options)).Expect(2);
        Assert.Contains("already holds a run", again.Error, StringComparison.Ordinal);

        var resumed = (await Litevae.Run("train", "--out", run, "--resume", "--set", "Stages[0].Steps=9", "--json", "-")).Expect(0);
        Assert.EndsWith("step-00000009.safetensors", resumed.Json.GetProperty("checkpoint").GetString(), StringComparison.Ordinal);
        Assert.Equal(9, File.ReadAllLines(Path.Combine(run, "log.jsonl")).Length);

        var model = _folder.At("tiny-model");
        var export = (await Litevae.Run("export", run, "--out", model, "--data-name", "the sample photos", "--data-licence", "CC0-1.0", "--licence", "MIT", "--json", "-")).Expect(0);
        Assert.Contains("| encoder | 1 | 64 x 64 |", export.Error, StringComparison.Ordinal); // the parity table
        Assert.True(export.Json.GetProperty("worst_error").GetDouble() < 1e-4);
        var config = LiteVaeConfig.Parse(File.ReadAllText(Path.Combine(model, "config.json")), model);
        Assert.Equal(("tiny-model", "the sample photos"), (config.Name, config.TrainingData?.Name));
        Assert.Contains("9 of 9 steps", File.ReadAllText(Path.Combine(model, "README.md")), StringComparison.Ordinal);

        // The scale as the exported encoder gives it, over the same centre crops.
        (await Litevae.Run("encode", Photos, "--out", _folder.At("latents"), "--dtype", "f32", "--model", model)).Expect(0);
        using var moments = SafetensorsReader.Open(_folder.At("latents/shards/00000.safetensors"));
        var means = moments.ReadFloats("moments").Chunk(8 * 32 * 32).SelectMany(image => image.Take(4 * 32 * 32)).Select(v => (double)v).ToList();
        var mean = means.Average();
        Assert.Equal(mean, config.ShiftFactor, 1e-5);
        Assert.Equal(1 / Math.Sqrt(means.Average(v => (v - mean) * (v - mean))), config.ScalingFactor, 1e-4);

        (await Litevae.Run("reconstruct", Photos, "--out", _folder.At("out"), "--size", "64", "--model", model)).Expect(0);

        // and trained further
        string[] further = ["train", "--data", Photos, "--out", _folder.At("further"), "--options", _options, "--from", model];
        Assert.Contains("--from", (await Litevae.Run([.. further, "--preset", "B"])).Expect(2).Error, StringComparison.Ordinal);
        (await Litevae.Run(further)).Expect(0);
        Assert.Equal(model, LiteVaeTrainerOptions.Parse(File.ReadAllText(_folder.At("further/options.json")), "options").StartFrom);
        Assert.Contains($"--from {model} starts a run", (await Litevae.Run([.. further, "--resume"])).Expect(2).Error, StringComparison.Ordinal);
        (await Litevae.Run("train", "--resume", "--out", _folder.At("further"), "--set", "Stages[0].Steps=7")).Expect(0);
    }

    [Fact]
    public async Task A_run_killed_at_20_random_moments_sees_the_losses_of_one_never_killed_to_the_last_bit()
    {
        const int kills = 20;
        const int stepsBetween = 8;
        string[] arguments =
        [
            "train", "--data", Photos, "--options", _options, "--set", $"Stages[0].Steps={kills * stepsBetween}", "Stages[0].Losses.Adversarial=0.1", "Stages[0].Losses.AdversarialStart=30",
            "Stages[0].BatchSize=1", "Discriminator.Kind=UNet", "Discriminator.Width=16", "CheckpointEvery=3",
        ];
        (await Litevae.Run([.. arguments, "--out", _folder.At("whole")])).Expect(0);

        var random = new Random(1);
        for (var kill = 0; kill < kills; kill++)
        {
            using var process = Litevae.Start([.. arguments, "--out", _folder.At("killed"), "--resume"]);
            if (kill % 4 > 0)
            {
                await WaitForSteps(process, _folder.At("killed"), Lines("killed") + random.Next(1, stepsBetween)); // in a step or a checkpoint
            }

            await Task.Delay(random.Next(kill % 4 == 0 ? 2_000 : 50)); // or as it starts
            process.Kill();
            await process.WaitForExitAsync();
        }

        (await Litevae.Run([.. arguments, "--out", _folder.At("killed"), "--resume"])).Expect(0);
        var (whole, killed) = (Losses("whole"), Losses("killed"));
        Assert.Equal(kills * stepsBetween, whole.Count);
        Assert.Equal(whole, killed);
        using var expected = SafetensorsReader.Open(_folder.At($"whole/checkpoints/step-{kills * stepsBetween:D8}.safetensors"));
        using var actual = SafetensorsReader.Open(_folder.At($"killed/checkpoints/step-{kills * stepsBetween:D8}.safetensors"));
        Assert.Equal(expected.Entries.Select(e => e.Name), actual.Entries.Select(e => e.Name));
        Assert.All(expected.Entries, entry => Assert.Equal(expected.ReadFloats(entry.Name), actual.ReadFloats(entry.Name)));

        int Lines(string run) => File.Exists(_folder.At($"{run}/log.jsonl")) ? File.ReadAllLines(_folder.At($"{run}/log.jsonl")).Length : 0;
    }

    [Fact]
    public async Task Ctrl_C_stops_with_a_checkpoint_and_says_how_to_continue()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sends a Unix signal");
        var run = _folder.At("run");
        var process = Litevae.Start(["train", "--data", Photos, "--options", _options, "--set", "Stages[0].Steps=100000", "CheckpointEvery=100000", "--out", run, "--json", "-"]);
        await WaitForSteps(process, run, 3);
        await Litevae.Signal(process, "INT");
        var result = (await Litevae.Finish(process)).Expect(130);
        Assert.False(result.Json.GetProperty("finished").GetBoolean());
        Assert.Contains($"litevae train --resume --out {run}", result.Error, StringComparison.Ordinal);
        var steps = File.ReadAllLines(Path.Combine(run, "log.jsonl")).Length;
        Assert.Equal(Path.Combine(run, "checkpoints", $"step-{steps:D8}.safetensors"), result.Json.GetProperty("checkpoint").GetString());
        Assert.True(File.Exists(result.Json.GetProperty("checkpoint").GetString()));
    }

    [Fact]
    public async Task A_training_image_that_cannot_be_read_is_left_out_and_told()
    {
        Directory.CreateDirectory(_folder.At("photos"));
        File.Copy(Path.Combine(Photos, "chelsea.jpg"), _folder.At("photos/good.jpg"));
        var bad = _folder.Write("photos/bad.jpg", "no image");
        var result = (await Litevae.Run("train", "--data", _folder.At("photos"), "--out", _folder.At("run"), "--options", _options)).Expect(1);
        Assert.Contains(bad, result.Error, StringComparison.Ordinal);
        Assert.Contains("Export it", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Diverging_ends_with_the_step_and_a_way_out()
    {
        var result = (await Litevae.Run(
            "train", "--data", Photos, "--out", _folder.At("run"), "--options", _options, "--set", "LearningRate.Peak=1e30", "Stages[0].Steps=50")).Expect(2);
        Assert.Contains("Step ", result.Error, StringComparison.Ordinal);
        Assert.Contains("lower learning rate", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Diverging_in_a_stage_with_its_own_rate_says_which_to_lower()
    {
        var result = (await Litevae.Run(
            "train", "--data", Photos, "--out", _folder.At("run"), "--options", _options, "--set", "Stages[0].LearningRate={\"Peak\":1e30}", "Stages[0].Steps=50")).Expect(2);
        Assert.Contains("--set Stages[0].LearningRate.Peak=5E+29", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recipe_and_options_are_one_too_many_and_a_recipe_starts_and_resumes_the_same_run()
    {
        var result = (await Litevae.Run("train", "--data", Photos, "--out", _folder.At("run"), "--recipe", "small", "--options", _options, "--dry-run")).Expect(2);
        Assert.Contains("Both --recipe small and --options", result.Error, StringComparison.Ordinal);

        string[] again = ["train", "--data", Photos, "--out", _folder.At("run"), "--recipe", "small", "--set", "Stages[0].Steps=1", "Stages[1].Steps=1", "Stages[0].BatchSize=1", "Stages[1].BatchSize=1", "--resume"];
        (await Litevae.Run(again)).Expect(0);
        Assert.Contains("step-00000002.safetensors", (await Litevae.Run(again)).Expect(0).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_prints_the_options_in_the_order_defaults_file_command_line()
    {
        var result = (await Litevae.Run(
            "train", "--data", Photos, "--out", _folder.At("run"), "--options", _options, "--preset", "B", "--set", "Stages[0].Losses.Kl=0.5", "stages[0].steps=7", "Architecture.Encoder.Norm=SelfModulated", "--dry-run")).Expect(0);
        var options = JsonDocument.Parse(result.Out[result.Out.IndexOf('{', StringComparison.Ordinal)..]).RootElement;
        var stage = options.GetProperty("Stages")[0];
        Assert.Equal((32, 7, 2, 0.5), (stage.GetProperty("Resolution").GetInt32(), stage.GetProperty("Steps").GetInt32(), stage.GetProperty("BatchSize").GetInt32(), stage.GetProperty("Losses").GetProperty("Kl").GetDouble()));
        var encoder = options.GetProperty("Architecture").GetProperty("Encoder");
        Assert.Equal((32, "SelfModulated"), (encoder.GetProperty("Extractor").GetProperty("Width").GetInt32(), encoder.GetProperty("Norm").GetString()));
        Assert.Equal(0.999, options.GetProperty("EmaDecay").GetDouble());
        Assert.Equal(4, options.GetProperty("Architecture").GetProperty("Decoder").GetProperty("Width").GetInt32()); // the file's, since no other is named
        Assert.False(Directory.Exists(_folder.At("run")));
    }

    [Theory]
    [InlineData("Stages[0].Step=3", "no option 'Step' in Stages[0]; there are Resolution, Steps, BatchSize, Accumulation, Crop, Flip, LearningRate, Losses")]
    [InlineData("Stages[4].Steps=3", "Stages has 1 entries")]
    [InlineData("Stages[0].Steps=abc", "Stages[0].Steps")]
    [InlineData("Stages[0].Steps=0", "Stages[0].Steps is 0")]
    [InlineData("Seed[0]=1", "Seed is not a list")]
    [InlineData("Seed.Value=1", "nothing to set in it")]
    [InlineData("Seed", "PATH=VALUE")]
    [InlineData("=1", "PATH=VALUE")]
    [InlineData("Stages[x]=1", "not a path")]
    public async Task A_wrong_setting_is_refused_with_what_there_is(string setting, string message)
    {
        var result = (await Litevae.Run("train", "--data", Photos, "--out", _folder.At("run"), "--options", _options, "--set", setting, "--dry-run")).Expect(2);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Something_that_is_no_run_cannot_be_exported()
    {
        Assert.Contains("no checkpoint", (await Litevae.Run("export", _folder.Root, "--out", _folder.At("model"))).Expect(2).Error, StringComparison.Ordinal);
        Assert.Contains("neither", (await Litevae.Run("export", _folder.At("nowhere"), "--out", _folder.At("model"))).Expect(2).Error, StringComparison.Ordinal);
        (await Litevae.Run("export", _options, "--out", _folder.At("model"))).Expect(2);
        Assert.False(Directory.Exists(_folder.At("model")));
    }

    /// <summary>The logged losses, without the speeds.</summary>
    private List<string> Losses(string run) =>
        [.. File.ReadAllLines(_folder.At($"{run}/log.jsonl")).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("Losses").GetRawText())];

    private static async Task WaitForSteps(Process process, string run, int steps)
    {
        var log = Path.Combine(run, "log.jsonl");
        for (var clock = Stopwatch.StartNew(); !File.Exists(log) || File.ReadAllLines(log).Length < steps; await Task.Delay(5))
        {
            Assert.False(process.HasExited, "the training ended before it could be stopped");
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2), "the training made no steps");
        }
    }
}
