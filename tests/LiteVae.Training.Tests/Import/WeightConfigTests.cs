using LiteVae.Tests;

namespace LiteVae.Training.Tests.Import;

/// <summary>Which config is taken with weights, and what it says of the scaling.</summary>
public sealed class WeightConfigTests : TorchTest
{
    private const string Diffusers = """ "block_out_channels": [32, 64, 64], "layers_per_block": 1, "latent_channels": 4 """;

    private readonly TemporaryFolder _folder = new();

    public override void Dispose()
    {
        _folder.Dispose();
        base.Dispose();
    }

    [Theory]
    [InlineData("""{ "scaling_factor": 1.0, "shift_factor": 0.0, *}""", 1, ScalingSource.Stated)]
    [InlineData("""{ "scaling_factor": null, *}""", 1, ScalingSource.Stated)]
    [InlineData("{ *}", 0.18215, ScalingSource.FamilyDefault)]
    [InlineData(null, 1, ScalingSource.NotStated)]
    public void Where_the_scaling_comes_from_is_said(string? config, double factor, ScalingSource source)
    {
        var weights = Weights(WeightFiles.TinyKL);
        if (config is not null)
        {
            _folder.Write("config.json", config.Replace("*", Diffusers, StringComparison.Ordinal));
        }

        using var model = WeightImporter.Import(weights);
        Assert.Equal((factor, source), (model.Config.ScalingFactor, model.Scaling));
        Assert.Equal(config is null ? null : _folder.At("config.json"), model.ConfigSource);
    }

    [Theory]
    [InlineData("""{ "model_type": "clip" }""", "it has neither _class_name nor block_out_channels")]
    [InlineData("""{ "_class_name": "UNet2DConditionModel" }""", "_class_name is UNet2DConditionModel")]
    [InlineData("""{ "_class_name": "A\u001b[2JB" }""", "_class_name is A?[2JB")]
    [InlineData("""{ "scaling_factor": 1e999, "_class_name": "AutoencoderKL", *}""", "scaling_factor is Infinity")]
    [InlineData("""{ "block_out_channels": [] }""", "architecture.block_out_channels has 0 entries")]
    [InlineData("""{ "block_out_channels": [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1] }""", "has 40 entries")]
    [InlineData("""{ "block_out_channels": [32.5] }""", "the value of block_out_channels[0] is not of its kind")]
    [InlineData("""{ "schema_version": 1 }""", "this config states no architecture; the weights in")]
    [InlineData("""{ "schema_version": 1, "architecture": {} }""", "an architecture of another kind; the weights in")]
    [InlineData("", "the file is empty, or no regular file")]
    [InlineData("weights", "it is no JSON")]
    public void A_config_that_is_not_of_these_weights_is_refused_by_its_own_name(string config, string fault)
    {
        var weights = Weights(WeightFiles.TinyKL);
        var path = _folder.Write("config.json", config.Replace("*", Diffusers, StringComparison.Ordinal));
        var message = Assert.Throws<InvalidDataException>(() => WeightImporter.Import(weights)).Message;
        Assert.StartsWith(path, message, StringComparison.Ordinal);
        Assert.Contains(fault, message, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_config_of_the_right_kind_that_does_not_fit_is_named_too()
    {
        var weights = Weights(WeightFiles.TinyKL);
        var path = _folder.Write("config.json", "{" + Diffusers.Replace("64, 64", "64", StringComparison.Ordinal) + "}");
        var message = Assert.Throws<InvalidDataException>(() => WeightImporter.Import(weights)).Message;
        Assert.Contains($"do not fit the architecture of AutoencoderKL that {path} states", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Our_own_metadata_come_before_the_config_of_something_else_but_not_before_the_one_that_is_named()
    {
        using var network = Export.TinyNetwork.Create(Export.TinyNetwork.Architecture());
        OnnxExporter.Export(network, Export.TinyNetwork.Config(network) with { ScalingFactor = 2 }, _folder.At("model"));
        var weights = _folder.At("model/model.safetensors");
        File.WriteAllText(_folder.At("model/config.json"), """{ "model_type": "clip" }""");
        using (var model = WeightImporter.Import(weights))
        {
            Assert.Equal((2, ScalingSource.Stated), (model.Config.ScalingFactor, model.Scaling));
            Assert.Contains("metadata", model.ConfigSource, StringComparison.Ordinal);
        }

        Assert.Throws<InvalidDataException>(() => WeightImporter.Import(weights, _folder.At("model/config.json")));
    }

    [Fact]
    public void Weights_without_a_config_whose_widths_32_groups_do_not_divide_ask_for_one()
    {
        var weights = Weights(WeightFiles.TinyKL with { BlockOutChannels = [16, 32], NormNumGroups = 8 });
        Assert.Contains("the groups leave no trace in the weights", Assert.Throws<InvalidDataException>(() => WeightImporter.Import(weights)).Message, StringComparison.Ordinal);
    }

    private string Weights(ModelArchitecture architecture)
    {
        var path = _folder.At("weights.safetensors");
        SafetensorsWriter.Write(path, WeightFiles.Of(architecture));
        return path;
    }
}
