using TorchSharp;
using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Losses;

public sealed class ReconstructionLossTests : TorchTest
{
    public static TheoryData<ReconstructionKind> Kinds => [.. Enum.GetValues<ReconstructionKind>()];

    [Fact]
    public void It_agrees_with_the_golden_value() =>
        Assert.Equal(Golden.Value("l1"), ReconstructionLoss.Compute(Golden.Tensor("x"), Golden.Tensor("y")).item<float>(), 1e-6);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void It_is_the_mean_of_what_each_value_costs(ReconstructionKind kind)
    {
        var (x, y) = (rand([2, 3, 4, 5]), rand([2, 3, 4, 5]));
        var costs = x.data<float>().ToArray().Zip(y.data<float>().ToArray(), (a, b) => Cost(b - (double)a));
        Assert.Equal(costs.Average(), ReconstructionLoss.Compute(x, y, kind).item<float>(), 1e-6);

        double Cost(double d) => kind switch
        {
            ReconstructionKind.L1 => Math.Abs(d),
            ReconstructionKind.L2 => d * d,
            _ => Math.Sqrt((d * d) + 1e-6),
        };
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Its_gradient_agrees_with_differences(ReconstructionKind kind)
    {
        var x = rand([2, 3, 4, 4], ScalarType.Float64);
        GradientCheck.AssertAgrees(y => ReconstructionLoss.Compute(x, y, kind), rand([2, 3, 4, 4]));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void It_owns_one_tensor_and_no_more(ReconstructionKind kind)
    {
        var (x, y) = (rand([1, 3, 4, 4]), rand([1, 3, 4, 4]));
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        ReconstructionLoss.Compute(x, y, kind).Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
