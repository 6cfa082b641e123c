using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Losses;

public sealed class WaveletLossTests : TorchTest
{
    [Fact]
    public void It_agrees_with_the_golden_value_and_gradient()
    {
        var y = Golden.Tensor("y").requires_grad_(true);
        var loss = WaveletLoss.Compute(Golden.Tensor("x"), y);
        loss.backward();
        Assert.Equal(Golden.Value("wavelet_charbonnier_eps1e3_level1_halved"), loss.item<float>(), 1e-6);
        Golden.AssertClose(Golden.Tensor("grad_wavelet_wrt_y"), y.grad!, 1e-7);
    }

    [Fact]
    public void A_change_of_brightness_costs_nothing_but_the_epsilon()
    {
        var x = rand([1, 3, 8, 8]);
        Assert.Equal(1e-3, WaveletLoss.Compute(x, x + 0.25).item<float>(), 1e-6);
    }

    [Fact]
    public void Its_gradient_agrees_with_differences()
    {
        var x = rand([2, 3, 4, 6], ScalarType.Float64);
        GradientCheck.AssertAgrees(y => WaveletLoss.Compute(x, y), rand([2, 3, 4, 6]));
    }
}
