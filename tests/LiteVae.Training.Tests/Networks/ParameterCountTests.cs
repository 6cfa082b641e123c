using TorchSharp;

namespace LiteVae.Training.Tests.Networks;

/// <summary>The paper's published parameter counts, to the unit.</summary>
public sealed class ParameterCountTests
{
    [Theory]
    [InlineData("S", 4, 1_035_692)]
    [InlineData("S", 12, 1_038_012)]
    [InlineData("B", 4, 6_750_636)]
    [InlineData("B", 12, 6_755_260)]
    [InlineData("M", 4, 32_750_124)]
    [InlineData("M", 12, 32_754_748)]
    [InlineData("L", 4, 41_422_380)]
    [InlineData("L", 12, 41_431_612)]
    public void An_encoder_has_the_published_number_of_parameters(string preset, int latentChannels, long expected)
    {
        using var encoder = new LiteVaeEncoder(LiteVaePreset.Get(preset, latentChannels), torch.META);
        Assert.Equal(expected, encoder.parameters().Sum(p => p.numel()));
    }

    [Fact]
    public void The_aggregator_of_B_has_the_published_number_of_parameters()
    {
        using var encoder = new LiteVaeEncoder(LiteVaePreset.Get("B", 4), torch.META);
        Assert.Equal(1_691_976, encoder.aggregate.parameters().Sum(p => p.numel()));
    }

    [Theory]
    [InlineData(4, 49_490_179)]
    [InlineData(12, 49_527_043)]
    public void The_decoder_has_the_number_of_parameters_of_Stable_Diffusions(int latentChannels, long expected)
    {
        using var decoder = new LiteVaeDecoder(LiteVaePreset.Get("S", latentChannels), torch.META);
        Assert.Equal(expected, decoder.parameters().Sum(p => p.numel()));
    }
}
