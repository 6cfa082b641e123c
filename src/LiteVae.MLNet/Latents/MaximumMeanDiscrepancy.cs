using System.Numerics.Tensors;

namespace LiteVae;

/// <summary>How far two sets of vectors are from being draws of one distribution (Gretton et al. 2012).</summary>
internal static class MaximumMeanDiscrepancy
{
    private const int Block = 1024; // distances held at a time

    /// <summary>
    /// The biased estimate of MMD^2 with the kernel k(a, b) = exp(-|a - b|^2 / 2 sigma^2), once a width: the mean of k over all pairs within x, plus that
    /// within y, less twice that between them. 0 for the same set twice; of two sets of n draws of one distribution about 2 (1 - E k) / n, never below 0 but by rounding.
    /// </summary>
    /// <param name="x">One set, [n, d], a vector after the other.</param>
    /// <param name="y">The other, [m, d].</param>
    /// <param name="dimensions">d, at least 1.</param>
    /// <param name="sigmas">The kernel's widths, above 0.</param>
    /// <remarks>Takes n^2 + m^2 + n m kernels a width, and memory for 1,024 of them.</remarks>
    /// <exception cref="ArgumentException">A set is empty or its values do not divide into vectors, or a width is not above 0.</exception>
    public static double[] Squared(ReadOnlySpan<float> x, ReadOnlySpan<float> y, int dimensions, IReadOnlyList<double> sigmas)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        RequireVectors(x.Length, dimensions, nameof(x));
        RequireVectors(y.Length, dimensions, nameof(y));
        if (sigmas.Any(sigma => !(sigma > 0)))
        {
            throw new ArgumentException($"The widths of the kernel are {string.Join(", ", sigmas)}; each must be above 0.", nameof(sigmas));
        }

        var (withinX, withinY, between) = (MeanKernels(x, x, dimensions, sigmas), MeanKernels(y, y, dimensions, sigmas), MeanKernels(x, y, dimensions, sigmas));
        return [.. sigmas.Select((_, i) => withinX[i] + withinY[i] - (2 * between[i]))];
    }

    private static double[] MeanKernels(ReadOnlySpan<float> x, ReadOnlySpan<float> y, int dimensions, IReadOnlyList<double> sigmas)
    {
        var sums = new double[sigmas.Count];
        Span<double> distances = new double[Block];
        Span<double> kernels = new double[Block];
        for (var i = 0; i < x.Length; i += dimensions)
        {
            var one = x.Slice(i, dimensions);
            for (var first = 0; first < y.Length; first += Block * dimensions)
            {
                var others = y[first..Math.Min(y.Length, first + (Block * dimensions))];
                var count = others.Length / dimensions;
                for (var j = 0; j < count; j++)
                {
                    distances[j] = SquaredDistance(one, others.Slice(j * dimensions, dimensions));
                }

                for (var k = 0; k < sums.Length; k++)
                {
                    TensorPrimitives.Multiply(distances[..count], -1 / (2 * sigmas[k] * sigmas[k]), kernels);
                    TensorPrimitives.Exp(kernels[..count], kernels);
                    sums[k] += TensorPrimitives.Sum<double>(kernels[..count]);
                }
            }
        }

        var pairs = (double)(x.Length / dimensions) * (y.Length / dimensions);
        return Array.ConvertAll(sums, sum => sum / pairs);
    }

    private static double SquaredDistance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            var difference = (double)a[i] - b[i];
            sum += difference * difference;
        }

        return sum;
    }

    private static void RequireVectors(int length, int dimensions, string name)
    {
        if (length == 0 || length % dimensions != 0)
        {
            throw new ArgumentException($"{length} values are not one or more vectors of {dimensions}.", name);
        }
    }
}
