using LiteVae.Tests;
using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Import;

/// <summary>A training that starts from a trained model.</summary>
[Collection(nameof(Estimator.AloneWithTorch))] // compares trainings to the last bit
public sealed class StartingWeightsTests : TorchTest
{
    private readonly TemporaryFolder _folder = new();

    public override void Dispose()
    {
        _folder.Dispose();
        base.Dispose();
    }

    [Fact]
    public void The_first_step_is_taken_from_the_models_weights_and_its_linear_code_stays()
    {
        var model = Exported(out var weights);
        var options = Options("run") with { StartFrom = model };
        using var checkpoint = SafetensorsReader.Open(new LiteVaeTrainer(options).Train());
        Assert.All(weights, weight =>
        {
            var (network, average) = (checkpoint.ReadFloats($"network.{weight.Key}"), checkpoint.ReadFloats($"ema.{weight.Key}"));
            var tolerance = weight.Key.Contains(".linear.", StringComparison.Ordinal) ? 0 : 1.1f * (float)options.LearningRate.Peak; // Adam's first step is that long
            Assert.All(weight.Value.Zip(network, average), value => Assert.True(Math.Abs(value.First - value.Second) <= tolerance && Math.Abs(value.First - value.Third) <= tolerance, weight.Key));
        });
        Assert.NotEqual(weights["decoder.head.weight"], checkpoint.ReadFloats("network.decoder.head.weight"));
        Assert.Contains("1 of 1 steps, from the weights of model: ", RunExport.Describe(options, 1), StringComparison.Ordinal);
    }

    [Fact]
    public void A_resumed_run_goes_on_from_its_checkpoint_and_needs_the_model_no_more()
    {
        var model = Exported(out _);
        var options = Options("part") with { StartFrom = model };
        var longer = options with { Stages = [options.Stages[0] with { Steps = 3 }] };
        var whole = new LiteVaeTrainer(longer with { Output = _folder.At("whole") }).Train();
        new LiteVaeTrainer(options).Train();
        Directory.Delete(model, recursive: true);
        Equal(whole, new LiteVaeTrainer(longer).Train(resume: true));
    }

    [Fact]
    public void What_it_cannot_start_from_is_refused_with_the_reason()
    {
        var model = Exported(out _);
        var options = Options("run");
        Assert.Contains(
            $"{model}: this model is of another architecture: its LatentChannels is 4, not 8.",
            Assert.Throws<InvalidDataException>(() => Train(options with { StartFrom = model, Architecture = options.Architecture with { LatentChannels = 8 } })).Message, StringComparison.Ordinal);

        var foreign = _folder.At("foreign.safetensors");
        SafetensorsWriter.Write(foreign, WeightFiles.Of(WeightFiles.TinyOpenLiteVae), new Dictionary<string, string>());
        Assert.Contains("starts from a LiteVAE of this library, and these are weights of open-litevae", Assert.Throws<InvalidDataException>(() => Train(options with { StartFrom = foreign })).Message, StringComparison.Ordinal);

        Assert.Contains("There is no model 'nowhere'", Assert.ThrowsAny<IOException>(() => Train(options with { StartFrom = "nowhere" })).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.At("run"))); // nothing of a run was begun
    }

    private static void Train(LiteVaeTrainerOptions options) => new LiteVaeTrainer(options).Train();

    private static void Equal(string first, string second)
    {
        using var one = SafetensorsReader.Open(first);
        using var other = SafetensorsReader.Open(second);
        Assert.All(one.Entries, entry => Assert.Equal(one.ReadFloats(entry.Name), other.ReadFloats(entry.Name)));
    }

    /// <summary>One step, at a rate at once as high as it gets.</summary>
    private LiteVaeTrainerOptions Options(string run)
    {
        TrainingPictures.Write(_folder, width: 140, height: 130);
        var options = TrainingPictures.Options(_folder, run);
        return options with
        {
            Architecture = options.Architecture with { LinearCode = new LiteVaeLinearCode() },
            Stages = [options.Stages[0] with { Steps = 1 }],
            LearningRate = new LearningRateSchedule { Peak = 1e-3, WarmupSteps = 1 },
        };
    }

    /// <summary>A model folder with weights that no training from a seed would have.</summary>
    private string Exported(out IReadOnlyDictionary<string, float[]> weights)
    {
        var architecture = Options("none").Architecture;
        using var network = new LiteVaeNetwork(architecture);
        using (no_grad())
        {
            foreach (var parameter in network.parameters())
            {
                nn.init.normal_(parameter, 0, 0.1);
            }
        }

        weights = network.named_parameters().ToDictionary(named => named.name, named => named.parameter.data<float>().ToArray());
        OnnxExporter.Export(network, new LiteVaeConfig { Name = "tiny", LatentChannels = architecture.LatentChannels, Architecture = architecture }, _folder.At("model"));
        return _folder.At("model");
    }
}
