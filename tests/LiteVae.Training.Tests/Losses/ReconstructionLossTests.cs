namespace LiteVae.Training.Tests.Losses;

public sealed class ReconstructionLossTests : TorchTest
{
    [Fact]
    public void It_agrees_with_the_golden_value() =>
        Assert.Equal(Golden.Value("l1"), ReconstructionLoss.Compute(Golden.Tensor("x"), Golden.Tensor("y")).item<float>(), 1e-6);
}
