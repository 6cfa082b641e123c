using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Networks;

public sealed class SelfModulatedConv2dTests : TorchTest
{
    [Fact]
    public void The_folded_weight_is_the_formula_written_out()
    {
        using var conv = new SelfModulatedConv2d(3, 2);
        using (no_grad())
        {
            nn.init.uniform_(conv.scale, 0.2, 3);
            nn.init.constant_(conv.gain, 1.7);
        }

        var folded = conv.FoldedWeight();
        for (var o = 0; o < 2; o++)
        {
            double Modulated(int i, int k, int l) => conv.scale[i].item<float>() * conv.weight[o, i, k, l].item<float>();
            var sum = 0.0;
            foreach (var (i, k, l) in Indices())
            {
                sum += Math.Pow(Modulated(i, k, l), 2);
            }

            foreach (var (i, k, l) in Indices())
            {
                Assert.Equal(1.7 * Modulated(i, k, l) / Math.Sqrt(sum + 1e-8), folded[o, i, k, l].item<float>(), 1e-5);
            }
        }

        static IEnumerable<(int I, int K, int L)> Indices() =>
            from i in Enumerable.Range(0, 3) from k in Enumerable.Range(0, 3) from l in Enumerable.Range(0, 3) select (i, k, l);
    }

    [Fact]
    public void Gradients_reach_weight_scale_gain_and_bias()
    {
        using var conv = new SelfModulatedConv2d(2, 3);
        conv.call(randn([1, 2, 6, 6])).square().sum().backward();
        foreach (var (name, parameter) in conv.named_parameters())
        {
            Assert.True(parameter.grad?.abs().sum().item<float>() > 0, name);
        }
    }
}
