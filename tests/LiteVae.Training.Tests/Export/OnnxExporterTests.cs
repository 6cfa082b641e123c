using LiteVae.Tests;
using TorchSharp;
using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Export;

public sealed class OnnxExporterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_model_folder_holds_the_documented_files_and_nothing_else()
    {
        using var network = TinyNetwork.Create(TinyNetwork.Architecture());
        var report = OnnxExporter.Export(network, TinyNetwork.Config(network) with { Architecture = null }, Target("model"));

        Assert.Equal(
            ["README.md", "config.json", "model.safetensors", "parity.json", "vae_decoder/model.onnx", "vae_encoder/model.onnx"],
            Files("model"));
        Assert.Equal(["model"], Directory.EnumerateFileSystemEntries(_folder.Root).Select(Path.GetFileName));
        Assert.Equal(report.ToJson() + "\n", File.ReadAllText(Target("model/parity.json")));
        var config = LiteVaeConfig.Parse(File.ReadAllText(Target("model/config.json")), "config.json");
        Assert.Equal(TinyNetwork.Config(network).ToJson(), config.ToJson());
    }

    [Fact]
    public void Two_exports_of_one_network_are_the_same_bytes()
    {
        using var network = TinyNetwork.Create(TinyNetwork.Architecture(sharedExtractors: true, decoder: BlockNorm.SelfModulated));
        OnnxExporter.Export(network, TinyNetwork.Config(network), Target("a"));
        OnnxExporter.Export(network, TinyNetwork.Config(network), Target("b"));
        foreach (var file in Files("a"))
        {
            Assert.Equal(File.ReadAllBytes(Target($"a/{file}")), File.ReadAllBytes(Target($"b/{file}")));
        }
    }

    [Fact]
    public void The_safetensors_file_holds_every_weight_under_its_name()
    {
        using var network = TinyNetwork.Create(TinyNetwork.Architecture(BlockNorm.SelfModulated));
        OnnxExporter.Export(network, TinyNetwork.Config(network), Target("model"));
        using var reader = SafetensorsReader.Open(Target("model/model.safetensors"));
        Assert.Equal(network.state_dict().Keys.Order(StringComparer.Ordinal), reader.Entries.Select(entry => entry.Name).Order(StringComparer.Ordinal));
        Assert.Equal(network.encoder.extract[0].stem.weight.data<float>().ToArray(), reader.ReadFloats("encoder.extract.0.stem.weight"));
    }

    [Fact]
    public void An_export_leaves_no_tensors_behind()
    {
        using var network = TinyNetwork.Create(TinyNetwork.Architecture(decoder: BlockNorm.SelfModulated, output: DecoderOutput.Wavelet));
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        OnnxExporter.Export(network, TinyNetwork.Config(network), Target("model"));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void An_exported_model_is_replaced()
    {
        using var network = TinyNetwork.Create(TinyNetwork.Architecture());
        OnnxExporter.Export(network, TinyNetwork.Config(network), Target("model"));
        File.AppendAllText(Target("model/metrics.json"), "{}");
        OnnxExporter.Export(network, TinyNetwork.Config(network) with { Name = "second" }, Target("model"));

        Assert.StartsWith("# second\n", File.ReadAllText(Target("model/README.md")));
        Assert.DoesNotContain("metrics.json", Files("model")); // they were those of the old weights
        Assert.Equal(["model"], Directory.EnumerateFileSystemEntries(_folder.Root).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("model/notes.txt")]
    [InlineData("model/vae_encoder/model_fp16.onnx")]
    public void A_folder_with_other_files_is_left_alone(string other)
    {
        using var network = TinyNetwork.Create(TinyNetwork.Architecture());
        OnnxExporter.Export(network, TinyNetwork.Config(network), Target("model"));
        File.AppendAllText(Target(other), "mine");
        var error = Assert.Throws<IOException>(() => OnnxExporter.Export(network, TinyNetwork.Config(network), Target("model")));
        Assert.Contains(Target("model"), error.Message);
        Assert.Equal("mine", File.ReadAllText(Target(other)));
    }

    [Fact]
    public void A_network_with_a_weight_that_is_not_a_number_is_not_exported()
    {
        using var network = TinyNetwork.Create(TinyNetwork.Architecture());
        using (no_grad())
        {
            network.decoder.head.bias!.fill_(float.NaN);
        }

        var error = Assert.Throws<InvalidOperationException>(() => OnnxExporter.Export(network, TinyNetwork.Config(network), Target("model")));
        Assert.Contains("not finite", error.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Root));
    }

    [Fact]
    public void A_config_for_another_latent_is_refused()
    {
        using var network = TinyNetwork.Create(TinyNetwork.Architecture());
        var error = Assert.Throws<ArgumentException>(() => OnnxExporter.Export(network, new LiteVaeConfig { LatentChannels = 16 }, Target("model")));
        Assert.StartsWith("The config says 16 latent channels; the network has 4.", error.Message);
    }

    [Fact]
    public void The_model_card_says_what_is_known_and_leaves_out_what_is_not()
    {
        using var network = TinyNetwork.Create(TinyNetwork.Architecture(output: DecoderOutput.Wavelet));
        var card = new ModelCard { Licence = "MIT", Metrics = [new ModelMetric("PSNR (dB)", 25.5, "Kodak 24, native size")] };
        OnnxExporter.Export(network, TinyNetwork.Config(network), Target("model"), card);
        var text = File.ReadAllText(Target("model/README.md"));

        Assert.StartsWith("---\nlicense: mit\n", text);
        Assert.Contains("| training data | noise (CC0-1.0) |", text);
        Assert.Contains("| PSNR (dB) | 25.5 | Kodak 24, native size |", text);
        Assert.Contains($"decoder {network.decoder.parameters().Sum(p => p.numel()):N0}", text);
        Assert.Contains("wavelet output", text);
        Assert.DoesNotContain("## Training\n", text);
        Assert.DoesNotContain("## Limitations", text);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(12)] // after the last comparison, before the folder is there
    public void An_export_is_stopped_between_two_comparisons_and_leaves_nothing(int after)
    {
        using var network = TinyNetwork.Create(TinyNetwork.Architecture());
        using var cancellation = new CancellationTokenSource();
        List<(int, int)> told = [];
        Assert.Throws<OperationCanceledException>(() => OnnxExporter.Export(network, TinyNetwork.Config(network), Target("model"), progress: Progress, cancellation: cancellation.Token));
        Assert.Equal(Enumerable.Range(1, after).Select(done => (done, 12)), told);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Root));

        void Progress(int done, int total)
        {
            told.Add((done, total));
            if (done == after)
            {
                cancellation.Cancel();
            }
        }
    }

    [Theory]
    [InlineData("mit\n---", "tiny")]
    [InlineData("mit\u2028", "tiny")]
    [InlineData("MIT", "tiny\u001b[2J")]
    public void A_licence_or_name_that_is_not_one_line_is_refused(string licence, string name)
    {
        using var network = TinyNetwork.Create(TinyNetwork.Architecture());
        var config = TinyNetwork.Config(network) with { Name = name };
        var error = Assert.Throws<ArgumentException>(() => OnnxExporter.Export(network, config, Target("model"), new ModelCard { Licence = licence }));
        Assert.Contains("must be one line", error.Message);
        Assert.DoesNotContain(error.Message, char.IsControl);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Root));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_named_as_it_would_be()
    {
        var error = Assert.Throws<IOException>(() => StagedFolder.Write(
            Target("model"), _ => false, staging => throw new UnauthorizedAccessException($"Access to the path '{staging}/config.json' is denied.")));
        Assert.Equal($"Cannot write the folder '{Target("model")}': Access to the path '{Target("model")}/config.json' is denied.", error.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Root));
    }

    [Theory]
    [InlineData("file")]
    [InlineData("file/a/model")]
    public void A_target_that_is_or_lies_under_a_file_is_refused(string target)
    {
        var file = _folder.Write("file", "mine");
        var error = Assert.Throws<IOException>(() => OnnxExporter.RequireFree(Target(target)));
        Assert.Contains($"the file '{file}' is in the way", error.Message);
        Assert.Equal("mine", File.ReadAllText(file));
    }

    private string Target(string name) => _folder.At(name);

    private IEnumerable<string> Files(string folder)
        => Directory.EnumerateFiles(Target(folder), "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Target(folder), file).Replace('\\', '/'))
            .Order(StringComparer.Ordinal);
}
