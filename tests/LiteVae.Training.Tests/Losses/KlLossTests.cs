using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Losses;

public sealed class KlLossTests : TorchTest
{
    [Fact]
    public void It_agrees_with_the_golden_values()
    {
        var posterior = new DiagonalGaussian(cat([Golden.Tensor("mean"), Golden.Tensor("logvar")], 1));
        Assert.Equal(Golden.Value("kl_mean"), KlLoss.Compute(posterior).item<float>(), 1e-5);
        Assert.Equal(Golden.Value("kl_sum_over_chw_mean_over_n"), posterior.Kl().mean().item<float>(), 1e-3);
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
}
