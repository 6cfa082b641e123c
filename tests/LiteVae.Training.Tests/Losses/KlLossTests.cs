using TorchSharp;
using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Losses;

public sealed class KlLossTests : TorchTest
{
    [Fact]
    public void It_agrees_with_the_golden_values()
    {
        var posterior = new DiagonalGaussian(cat([Golden.Tensor("mean"), Golden.Tensor("logvar")], 1));
        Assert.Equal(Golden.Value("kl_mean"), KlLoss.Compute(posterior).item<float>(), 1e-5);
        Assert.Equal(Golden.Value("kl_sum_over_chw_mean_over_n"), KlLoss.Compute(posterior, KlNormalisation.Sum).item<float>(), 1e-4);
    }

    [Fact]
    public void It_is_0_for_a_standard_normal_and_known_for_a_shifted_one()
    {
        Assert.Equal(0, KlLoss.Compute(new DiagonalGaussian(zeros([2, 8, 3, 3]))).item<float>(), 1e-7);

        // mean 2, variance 1: 2^2 / 2
        var shifted = cat([full([2, 4, 3, 3], 2f), zeros([2, 4, 3, 3])], 1);
        Assert.Equal(2, KlLoss.Compute(new DiagonalGaussian(shifted)).item<float>(), 1e-6);
    }

    [Fact]
    public void An_extreme_log_variance_is_clamped()
    {
        var posterior = new DiagonalGaussian(cat([zeros([1, 1, 1, 1]), full([1, 1, 1, 1], 1000f)], 1));
        Assert.Equal(20, posterior.LogVar.item<float>());
        Assert.True(float.IsFinite(KlLoss.Compute(posterior).item<float>()));
    }

    [Theory]
    [InlineData(KlNormalisation.Mean)]
    [InlineData(KlNormalisation.Sum)]
    public void Free_bits_floor_each_channels_average(KlNormalisation normalisation)
    {
        const double Floor = 0.7;
        var moments = Moments();
        var posterior = new DiagonalGaussian(moments);
        var perChannel = Enumerable.Range(0, 4).Select(channel => Pixels().Average(p => Kl(p.N, channel, p.Y, p.X))).ToList();
        Assert.Contains(perChannel, kl => kl < Floor);
        Assert.Contains(perChannel, kl => kl > Floor);

        var floored = perChannel.Select(kl => Math.Max(Floor, kl));
        var expected = normalisation == KlNormalisation.Mean ? floored.Average() : floored.Sum() * 2 * 5;
        Assert.Equal(expected, KlLoss.Compute(posterior, normalisation, Floor).item<float>(), 1e-6 * expected);

        double Kl(int n, int channel, int y, int x)
        {
            double mean = moments[n, channel, y, x].item<float>();
            double logVar = moments[n, 4 + channel, y, x].item<float>();
            return ((mean * mean) + Math.Exp(logVar) - 1 - logVar) / 2;
        }

        static IEnumerable<(int N, int Y, int X)> Pixels() =>
            from n in Enumerable.Range(0, 3) from y in Enumerable.Range(0, 2) from x in Enumerable.Range(0, 5) select (n, y, x);
    }

    [Fact]
    public void A_channel_below_its_free_bits_has_no_gradient()
    {
        // Variance 1: the first channel's KL is 0.1^2 / 2, the second's 2^2 / 2.
        var moments = cat([full([1, 1, 2, 2], 0.1f), full([1, 1, 2, 2], 2f), zeros([1, 2, 2, 2])], 1).requires_grad_(true);
        KlLoss.Compute(new DiagonalGaussian(moments), freeBits: 0.5).backward();
        var gradient = moments.grad!.select(0, 0)[TensorIndex.Slice(0, 2)].data<float>().ToArray();
        Assert.All(gradient[..4], g => Assert.Equal(0, g));
        Assert.All(gradient[4..], g => Assert.Equal(2f / 8, g, 1e-6)); // mean / number of values
    }

    [Fact]
    public void Without_free_bits_the_value_is_to_the_bit_what_it_was_before_they_came()
    {
        var posterior = new DiagonalGaussian(randn([2, 8, 4, 6]).mul(2.ToScalar()));
        var before = (posterior.Mean.square() + posterior.LogVar.exp() - 1 - posterior.LogVar).sum([1, 2, 3]).mul(0.5.ToScalar()).mean().mul((1.0 / (4 * 4 * 6)).ToScalar());
        Assert.Equal(before.item<float>(), KlLoss.Compute(posterior).item<float>());
        Assert.Equal(before.item<float>(), KlLoss.Compute(posterior, KlNormalisation.Mean, freeBits: 0).item<float>());
    }

    [Theory]
    [InlineData(KlNormalisation.Mean, 0)]
    [InlineData(KlNormalisation.Sum, 0)]
    [InlineData(KlNormalisation.Mean, 0.7)]
    [InlineData(KlNormalisation.Sum, 0.7)]
    public void Its_gradient_agrees_with_differences(KlNormalisation normalisation, double freeBits) =>
        GradientCheck.AssertAgrees(moments => KlLoss.Compute(new DiagonalGaussian(moments), normalisation, freeBits), Moments());

    [Theory]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    public void Free_bits_below_0_are_refused(double freeBits) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => KlLoss.Compute(new DiagonalGaussian(zeros([1, 2, 1, 1])), freeBits: freeBits));

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    public void It_owns_one_tensor_and_no_more(double freeBits)
    {
        var posterior = new DiagonalGaussian(randn([1, 8, 2, 2]));
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        KlLoss.Compute(posterior, freeBits: freeBits).Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    // Four channels, each farther from the standard normal than the one before; in the middle they pass 0.7 nats.
    private static Tensor Moments() => randn([3, 8, 2, 5]) * tensor([0.3f, 0.6f, 1.1f, 1.4f]).repeat(2).view(1, 8, 1, 1);
}
