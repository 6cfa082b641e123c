using TorchSharp;

namespace LiteVae.Training.Tests.Networks;

public sealed class TensorNameTests
{
    [Theory]
    [InlineData("S", BlockNorm.GroupNorm)]
    [InlineData("B", BlockNorm.SelfModulated)]
    public void Names_are_the_figures_words_and_no_tensor_has_two(string preset, BlockNorm norm)
    {
        var architecture = LiteVaePreset.Get(preset, 4);
        architecture = architecture with { Encoder = architecture.Encoder with { Norm = norm }, LatentConvolutions = true };
        using var network = new LiteVaeNetwork(architecture, torch.META);
        var named = network.named_parameters().ToList();

        Assert.Equal(named.Count, network.parameters().Count());
        Assert.Equal(named.Count, named.Select(p => p.parameter.Handle).Distinct().Count());
        Assert.All(named, p => Assert.Matches(@"^(encoder|decoder)(\.[a-z]+[0-9]?|\.[0-9]+)+$", p.name));
    }

    [Theory]
    [InlineData("S", 4, BlockNorm.GroupNorm)]
    [InlineData("B", 12, BlockNorm.SelfModulated)]
    [InlineData("M", 16, BlockNorm.GroupNorm)]
    [InlineData("L", 12, BlockNorm.SelfModulated)]
    public void The_documentation_lists_every_tensor_of_a_preset(string preset, int nz, BlockNorm norm)
    {
        var architecture = LiteVaePreset.Get(preset, nz);
        Assert.Equal(
            DocumentedTensors.Encoder(preset, nz, norm).Concat(DocumentedTensors.Decoder("paper", nz, BlockNorm.GroupNorm)).Order(),
            Tensors(architecture with { Encoder = architecture.Encoder with { Norm = norm } }));
    }

    [Fact]
    public void The_documentation_lists_every_tensor_of_the_compact_decoder() => Assert.Equal(
        DocumentedTensors.Encoder("S", 12, BlockNorm.GroupNorm).Concat(DocumentedTensors.Decoder("compact", 12, BlockNorm.SelfModulated)).Order(),
        Tensors(LiteVaePreset.Get("S", 12) with { Decoder = LiteVaePreset.CompactDecoder }));

    private static List<(string Name, string Shape)> Tensors(LiteVaeArchitecture architecture)
    {
        using var network = new LiteVaeNetwork(architecture, torch.META);
        return [.. network.named_parameters().Select(entry => (entry.name, string.Join(',', entry.parameter.shape))).Order()];
    }
}
