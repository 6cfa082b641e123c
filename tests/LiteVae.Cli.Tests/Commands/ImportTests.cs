using System.Text.Json;
using LiteVae.Tests;
using LiteVae.Tests.Shared;

namespace LiteVae.Cli.Tests.Commands;

public sealed class ImportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("tiny-f8c4-quant.safetensors")]
    [InlineData("tiny-f8c4-quant.ckpt")]
    public async Task Published_weights_become_a_model_that_encodes_and_reconstructs(string file)
    {
        var weights = SharedData.PathOrSkip($"fixtures/open-litevae/{file}");
        var photos = Path.Combine(SharedData.Repository, "samples", "photos");
        var json = (await Litevae.Run("import", weights, "--out", _folder.At("model"), "--licence", "MIT", "--json", "-")).Expect(0).Json;
        Assert.Equal("open-litevae", json.GetProperty("format").GetString());
        Assert.InRange(json.GetProperty("worst_error").GetDouble(), 0, 1e-4);

        var config = (await Litevae.Run("info", "--model", _folder.At("model"), "--json")).Expect(0).Json.GetProperty("config");
        Assert.Equal("open-litevae", config.GetProperty("architecture").GetProperty("type").GetString());
        Assert.Equal(4, config.GetProperty("latent_channels").GetInt32());

        var report = (await Litevae.Run("reconstruct", photos, "--model", _folder.At("model"), "--out", _folder.At("out"), "--json", "-")).Expect(0);
        Assert.True(File.Exists(_folder.At("out/report.html")), report.Out);
        Assert.Contains("MIT", File.ReadAllText(_folder.At("model/README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Our_own_weights_give_the_same_files_again()
    {
        var shipped = Path.Combine(SharedData.Repository, "models", "litevae-s-f8c12");
        (await Litevae.Run("import", shipped, "--out", _folder.At("again"), "--name", "litevae-s-f8c12")).Expect(0);
        foreach (var file in new[] { "vae_encoder/model.onnx", "vae_decoder/model.onnx", "config.json" })
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(shipped, file)), File.ReadAllBytes(_folder.At($"again/{file}")));
        }
    }

    [Fact]
    public async Task Measured_latents_set_the_scale_that_the_weights_do_not_state()
    {
        var weights = SharedData.PathOrSkip("fixtures/open-litevae/tiny-f8c4-quant.safetensors");
        var photos = Path.Combine(SharedData.Repository, "samples", "photos");
        (await Litevae.Run("import", weights, "--out", _folder.At("model"), "--data", photos)).Expect(0);
        var config = JsonDocument.Parse(File.ReadAllText(_folder.At("model/config.json"))).RootElement;
        Assert.Equal(4, config.GetProperty("latents_std").GetArrayLength());
        Assert.NotEqual(1, config.GetProperty("scaling_factor").GetDouble());
    }

    [Fact]
    public async Task What_the_weights_config_states_is_not_measured_over()
    {
        var golden = Path.Combine(SharedData.Repository, "tests", "LiteVae.Training.Tests", "Import", "golden", "autoencoder-kl", "kl-noattention");
        var photos = Path.Combine(SharedData.Repository, "samples", "photos");
        var config = _folder.Write("stated.json", File.ReadAllText($"{golden}.config.json").Replace("\"scaling_factor\": 0.18215", "\"scaling_factor\": 1.0", StringComparison.Ordinal));
        var said = (await Litevae.Run("import", $"{golden}.safetensors", "--config", config, "--out", _folder.At("model"), "--data", photos)).Expect(0);
        Assert.Contains("scaling factor 1.0000, shift 0.0000: as the weights' config states", said.Out, StringComparison.Ordinal);
        var written = LiteVaeConfig.Parse(File.ReadAllText(_folder.At("model/config.json")), "config.json");
        Assert.Equal((1, 0), (written.ScalingFactor, written.ShiftFactor));
        Assert.Equal([0.5, -0.25], written.LatentsMean);
        Assert.Equal([2.0, 1.5], written.LatentsStd);
    }

    [Theory]
    [InlineData("not weights at all", "weights.safetensors")]
    [InlineData("", "empty.ckpt")]
    public async Task A_file_that_is_none_is_refused_and_nothing_is_written(string content, string name)
    {
        var result = (await Litevae.Run("import", _folder.Write(name, content), "--out", _folder.At("model"))).Expect(2);
        Assert.Contains(name, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal); // no stack trace
        Assert.False(Directory.Exists(_folder.At("model")));
    }

    [Fact]
    public async Task A_folder_that_is_no_model_is_not_replaced()
    {
        var weights = SharedData.PathOrSkip("fixtures/open-litevae/tiny-f8c4-quant.safetensors");
        var diary = _folder.Write("mine/diary.txt", "dear diary");
        (await Litevae.Run("import", weights, "--out", _folder.At("mine"))).Expect(2);
        Assert.Equal("dear diary", File.ReadAllText(diary));
        Assert.Equal(["diary.txt"], Directory.EnumerateFileSystemEntries(_folder.At("mine")).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("import")]
    [InlineData("export")]
    public async Task The_target_is_looked_at_before_anything_is_read(string command)
    {
        var diary = _folder.Write("mine/diary.txt", "dear diary");
        var result = (await Litevae.Run(command, _folder.At("nowhere.ckpt"), "--out", _folder.At("mine"))).Expect(2);
        Assert.Contains($"Will not replace the folder '{_folder.At("mine")}'", result.Error, StringComparison.Ordinal);

        result = (await Litevae.Run(command, _folder.At("nowhere.ckpt"), "--out", Path.Combine(diary, "a", "model"))).Expect(2);
        Assert.Contains($"the file '{diary}' is in the way", result.Error, StringComparison.Ordinal);
        Assert.Equal("dear diary", File.ReadAllText(diary));
    }

    [Theory]
    [InlineData("import", "--name")]
    [InlineData("import", "--licence")]
    [InlineData("export", "--name")]
    [InlineData("export", "--licence")]
    public async Task A_name_or_licence_of_two_lines_is_refused(string command, string option)
    {
        var result = (await Litevae.Run(command, _folder.At("nowhere.ckpt"), "--out", _folder.At("model"), option, "mit\ntags: [x]")).Expect(2);
        Assert.StartsWith($"litevae: {option} is 'mit?tags: [x]'", result.Error, StringComparison.Ordinal);
        Assert.Contains("one line", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_during_the_comparison_leaves_nothing_behind()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sends a Unix signal");
        var shipped = Path.Combine(SharedData.Repository, "models", "litevae-s-f8c12");
        var process = Litevae.Start(["import", shipped, "--out", _folder.At("model")]);
        for (var waited = 0; Directory.GetDirectories(_folder.Root, "model.*.partial").Length == 0; waited++)
        {
            Assert.True(waited < 6000 && !process.HasExited, "no comparison in a minute");
            await Task.Delay(10);
        }

        await Litevae.Signal(process, "INT");
        var result = (await Litevae.Finish(process)).Expect(130);
        Assert.Contains("stopping: nothing is written", result.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Root));
    }

    [Fact]
    public async Task Weights_that_are_not_there_are_named()
    {
        var result = (await Litevae.Run("import", _folder.At("nowhere.ckpt"), "--out", _folder.At("model"))).Expect(2);
        Assert.Contains("nowhere.ckpt", result.Error, StringComparison.Ordinal);
    }
}
