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

    [Fact]
    public void A_few_names_stay_as_they_are()
    {
        using var network = new LiteVaeNetwork(LiteVaePreset.Get("S", 4), torch.META);
        var names = network.named_parameters().Select(p => p.name).ToHashSet();
        Assert.Superset(
            new HashSet<string>
            {
                "encoder.extract.0.stem.weight", "encoder.extract.2.down.5.norm1.bias", "encoder.aggregate.up.0.skip.weight", "encoder.aggregate.head.bias",
                "decoder.stem.weight", "decoder.mid.1.query.weight", "decoder.up.0.blocks.2.conv2.weight", "decoder.up.2.upsample.bias", "decoder.head.weight",
            },
            names);
    }
}
