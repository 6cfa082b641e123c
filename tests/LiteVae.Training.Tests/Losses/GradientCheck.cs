using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Losses;

/// <summary>Compares a gradient with central differences, in double precision.</summary>
internal static class GradientCheck
{
    // Rounding costs about 1e-16 / Step, curvature Step^2: both far below the tolerance, and that far below the gradients checked.
    private const double Step = 1e-6;
    private const double Tolerance = 1e-7;

    /// <summary>Checks the gradient of <paramref name="loss"/> by every element at <paramref name="point"/>, and that it is not 0 altogether.</summary>
    public static void AssertAgrees(Func<Tensor, Tensor> loss, Tensor point)
    {
        using var x = point.detach().to(ScalarType.Float64).clone().requires_grad_(true);
        using (var value = loss(x))
        {
            value.backward();
        }

        var gradient = x.grad!.contiguous().data<double>().ToArray();
        Assert.Contains(gradient, g => Math.Abs(g) > 100 * Tolerance);

        using var noGradient = no_grad();
        var values = point.detach().to(ScalarType.Float64).contiguous().data<double>().ToArray();
        for (var i = 0; i < values.Length; i++)
        {
            Assert.Equal((At(i, Step) - At(i, -Step)) / (2 * Step), gradient[i], Tolerance);
        }

        double At(int index, double change)
        {
            var moved = (double[])values.Clone();
            moved[index] += change;
            using var there = tensor(moved, point.shape);
            using var value = loss(there);
            return value.item<double>();
        }
    }
}
