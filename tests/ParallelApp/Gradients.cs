using LiteVae.Training;
using static TorchSharp.torch;

/// <summary>Gradients whose mean over the ranks is known.</summary>
internal static class Gradients
{
    private static readonly long[][] Shapes = [[3, 5], [], [1 << 20], [7, 1, 200_000], [1], [900_000], [2, 2]];

    /// <summary>A rank's: thirds, so that rounding depends on the order of the sum.</summary>
    public static Tensor[] Of(int rank) =>
        [.. Shapes.Select((shape, i) => Base(shape).Plus(rank * (i + 1) / 3.0).to(i == 4 ? ScalarType.Float64 : ScalarType.Float32))];

    /// <summary>Largest error of the means of all ranks' gradients.</summary>
    public static double Error(Tensor[] means, int ranks) =>
        Shapes.Select((shape, i) => means[i].to(float64).sub(Base(shape).to(float64).Plus((ranks - 1) / 2.0 * (i + 1) / 3.0)).abs().max().item<double>()).Max();

    private static Tensor Base(long[] shape) => arange(shape.Aggregate(1L, (a, b) => a * b)).to(float32).Times(1e-6).view(shape);
}
