using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Losses;

public sealed class GaussianLossTests : TorchTest
{
    [Fact]
    public void It_agrees_with_the_golden_value_and_gradient()
    {
        var y = Golden.Tensor("y").requires_grad_(true);
        var loss = GaussianLoss.Compute(Golden.Tensor("x"), y);
        loss.backward();
        Assert.Equal(Golden.Value("gaussian_l1_5x5_sigma1_reflect"), loss.item<float>(), 1e-6);
        Golden.AssertClose(Golden.Tensor("grad_gaussian_wrt_y"), y.grad!, 1e-7);
    }

    [Fact]
    public void A_single_wrong_pixel_costs_what_the_kernel_says()
    {
        // In the middle of an image the difference is 1 - k00 at the pixel and -k elsewhere: sum of magnitudes 2 (1 - k00).
        var taps = new[] { Math.Exp(-2), Math.Exp(-0.5), 1, Math.Exp(-0.5), Math.Exp(-2) };
        var centre = Math.Pow(1 / taps.Sum(), 2);
        var x = zeros([1, 1, 9, 9]);
        var y = zeros([1, 1, 9, 9]);
        y[0, 0, 4, 4] = 1f;
        Assert.Equal(2 * (1 - centre) / 81, GaussianLoss.Compute(x, y).item<float>(), 1e-6);
    }

    [Fact]
    public void Its_gradient_agrees_with_differences()
    {
        var x = rand([2, 3, 5, 6], ScalarType.Float64);
        GradientCheck.AssertAgrees(y => GaussianLoss.Compute(x, y), rand([2, 3, 5, 6]));
    }
}
