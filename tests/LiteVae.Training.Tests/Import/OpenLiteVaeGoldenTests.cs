using LiteVae.Tests.Shared;

namespace LiteVae.Training.Tests.Import;

/// <summary>Weights, inputs and outputs of open-litevae's reference implementation, run in PyTorch. Its norms, scales and gains are off their defaults.</summary>
public sealed class OpenLiteVaeGoldenTests : TorchTest
{
    [Theory]
    [InlineData("s-f8c12", "s-f8c12.safetensors")]
    [InlineData("tiny-f8c4-quant", "tiny-f8c4-quant.safetensors")]
    [InlineData("tiny-f8c4-quant", "tiny-f8c4-quant.ckpt")]
    public void Both_runtimes_give_the_reference_s_moments_and_reconstruction(string name, string file)
    {
        var golden = new GoldenWeights(Fixture(file), Fixture($"{name}.io.safetensors"));
        golden.AssertTorchSharp();
        golden.AssertOnnxRuntime();
    }

    [Theory]
    [InlineData("s-f8c12")]
    [InlineData("tiny-f8c4-quant")]
    public void The_architecture_told_from_the_shapes_is_the_one_of_the_config_file(string name)
    {
        using var inferred = WeightImporter.Import(Fixture($"{name}.safetensors"));
        using var configured = WeightImporter.Import(Fixture($"{name}.safetensors"), Fixture($"{name}.config.json"));
        Assert.Null(inferred.ConfigSource);
        Assert.Equal(Fixture($"{name}.config.json"), configured.ConfigSource);
        Assert.Equal(configured.Config.ToJson(), inferred.Config.ToJson());
        Assert.Equal(name == "s-f8c12" ? 12 : 4, inferred.Config.LatentChannels);
    }

    private static string Fixture(string file) => SharedData.PathOrSkip($"fixtures/open-litevae/{file}");
}
