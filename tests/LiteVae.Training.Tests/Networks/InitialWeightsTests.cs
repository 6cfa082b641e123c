using TorchSharp;

namespace LiteVae.Training.Tests.Networks;

public sealed class InitialWeightsTests
{
    [Fact]
    public void Every_norm_starts_with_weight_1_and_bias_0()
    {
        using var network = new LiteVaeNetwork(LiteVaePreset.Get("S", 4) with { Decoder = LiteVaePreset.CompactDecoder with { Norm = BlockNorm.GroupNorm } });
        var norms = network.named_parameters().Where(entry => entry.name.Contains("norm", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(norms);
        Assert.All(norms, entry =>
        {
            var expected = entry.name.EndsWith(".weight", StringComparison.Ordinal) ? 1f : 0f;
            Assert.All(entry.parameter.data<float>().ToArray(), value => Assert.Equal(expected, value));
        });
    }

    [Theory]
    [InlineData(BlockNorm.GroupNorm)]
    [InlineData(BlockNorm.SelfModulated)]
    public void A_network_made_inside_a_dispose_scope_outlives_it(BlockNorm norm)
    {
        ResidualBlock block;
        using (torch.NewDisposeScope())
        {
            block = new ResidualBlock(4, 8, norm);
        }

        using (block)
        {
            Assert.All(block.named_parameters(), entry => Assert.False(entry.parameter.IsInvalid, entry.name));
        }
    }
}
