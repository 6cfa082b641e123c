using LiteVae.Tests.Shared;
using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Import;

/// <summary>Weights, inputs and outputs of Diffusers' own AutoencoderKL; golden/autoencoder-kl/README.md says how they were made.</summary>
public sealed class AutoencoderKLGoldenTests : TorchTest
{
    [Theory]
    [InlineData("kl-tiny")]
    [InlineData("kl-f4-noquant")]
    [InlineData("kl-noattention")]
    [InlineData("kl-quiet")]
    [InlineData("kl-old")]
    public void Both_runtimes_give_what_Diffusers_gives(string name)
    {
        var golden = new GoldenWeights(File($"{name}.safetensors"), File($"{name}.io.safetensors"), File($"{name}.config.json"), HasLatent: true);
        golden.AssertTorchSharp();
        golden.AssertOnnxRuntime();
    }

    [Theory]
    [InlineData("kl-tiny", 2, 4, 0.3611, 0.1159)]
    [InlineData("kl-f4-noquant", 4, 3, 0.18215, 0)] // Diffusers' default, written out
    [InlineData("kl-noattention", 2, 2, 0.18215, 0)]
    [InlineData("kl-old", 2, 4, 0.18215, 0)]        // Diffusers' default, not written
    public void The_config_says_what_Diffusers_config_says(string name, int factor, int channels, double scaling, double shift)
    {
        using var model = WeightImporter.Import(File($"{name}.safetensors"), File($"{name}.config.json"));
        Assert.Equal((factor, channels, scaling, shift), (model.Config.DownsamplingFactor, model.Config.LatentChannels, model.Config.ScalingFactor, model.Config.ShiftFactor));
        Assert.Empty(model.LeftOut);
    }

    [Fact]
    public void The_statistics_of_the_latent_are_kept()
    {
        using var model = WeightImporter.Import(File("kl-noattention.safetensors"), File("kl-noattention.config.json"));
        Assert.Equal([0.5, -0.25], model.Config.LatentsMean);
        Assert.Equal([2.0, 1.5], model.Config.LatentsStd);
    }

    [Fact]
    public void Stable_Diffusions_autoencoder_has_Diffusers_tensors_to_the_last_name_and_shape()
    {
        using var network = new AutoencoderKLNetwork(new AutoencoderKLArchitecture(), META);
        var expected = System.IO.File.ReadAllLines(File("sd-vae.names.txt"));
        Assert.Equal(expected.Order(StringComparer.Ordinal), network.named_parameters().Select(entry => $"{entry.name}\t{string.Join(',', entry.parameter.shape)}").Order(StringComparer.Ordinal));
    }

    // Encoder: the count published for Stable Diffusion, and its quant_conv of 8 x 8 + 8. Decoder: 49,490,179, and its post_quant_conv of 4 x 4 + 4.
    [Theory]
    [InlineData(true, 34_163_664, 49_490_199)]
    [InlineData(false, 34_163_592, 49_490_179)]
    public void Stable_Diffusions_autoencoder_has_the_published_number_of_parameters(bool convolutions, long encoder, long decoder)
    {
        var summary = NetworkSummary.Of(new AutoencoderKLArchitecture { UseQuantConv = convolutions, UsePostQuantConv = convolutions }, 8, 8);
        Assert.Equal((encoder, decoder), (summary.Encoder.Parameters, summary.Decoder.Parameters));
    }

    private static string File(string name) =>
        Path.Combine(SharedData.Repository, "tests", "LiteVae.Training.Tests", "Import", "golden", "autoencoder-kl", name);
}
