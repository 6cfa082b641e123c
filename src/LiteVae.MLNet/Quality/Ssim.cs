namespace LiteVae;

/// <summary>Structural similarity of two 8-bit images (Wang et al. 2004).</summary>
/// <remarks>Gaussian window of 11 pixels, sigma 1.5; K1 0.01, K2 0.03; population covariance; only windows that lie wholly in the image; mean of the three channels.</remarks>
public static class Ssim
{
    private const int Window = 11;
    private const double Sigma = 1.5;
    private const double C1 = 0.01 * 255 * (0.01 * 255);
    private const double C2 = 0.03 * 255 * (0.03 * 255);

    /// <summary>Smallest side of an image that has a structural similarity.</summary>
    internal const int MinimumSide = Window;

    /// <summary>The mean structural similarity, 1 for identical images, at least -1.</summary>
    /// <param name="a">One image, at least 11 x 11.</param>
    /// <param name="b">The other, of the same size.</param>
    /// <exception cref="ArgumentException">The sizes differ, or a side is below 11.</exception>
    public static double Compute(RgbImage a, RgbImage b)
    {
        ImagePair.RequireSameSize(a, b);
        if (a.Width < MinimumSide || a.Height < MinimumSide)
        {
            throw new ArgumentException($"An image of {a.Width} x {a.Height} is too small for SSIM: both sides must be at least {MinimumSide}.", nameof(a));
        }

        var kernel = Kernel();
        var sum = 0.0;
        for (var channel = 0; channel < RgbImage.Channels; channel++)
        {
            sum += Channel(a, b, channel, kernel);
        }

        return sum / RgbImage.Channels;
    }

    private static double[] Kernel()
    {
        var kernel = new double[Window];
        for (var i = 0; i < Window; i++)
        {
            var distance = i - Window / 2;
            kernel[i] = Math.Exp(-distance * distance / (2 * Sigma * Sigma));
        }

        var total = kernel.Sum();
        return Array.ConvertAll(kernel, weight => weight / total);
    }

    /// <summary>One channel's mean: five windowed means (a, b, a^2, b^2, ab), vertically filtered a row at a time, then horizontally.</summary>
    private static double Channel(RgbImage a, RgbImage b, int channel, double[] kernel)
    {
        var columns = a.Width - Window + 1;
        var rows = a.Height - Window + 1;
        var means = new WindowedMeans(a.Width);
        var sum = 0.0;
        for (var y = 0; y < rows; y++)
        {
            means.Clear();
            for (var k = 0; k < Window; k++)
            {
                means.AddRow(a.Row(y + k)[channel..], b.Row(y + k)[channel..], kernel[k]);
            }

            for (var x = 0; x < columns; x++)
            {
                sum += Similarity(means.At(x, kernel));
            }
        }

        return sum / ((double)rows * columns);
    }

    private static double Similarity((double A, double B, double AA, double BB, double AB) mean)
    {
        var varianceA = mean.AA - mean.A * mean.A;
        var varianceB = mean.BB - mean.B * mean.B;
        var covariance = mean.AB - mean.A * mean.B;
        return (2 * mean.A * mean.B + C1) * (2 * covariance + C2)
            / ((mean.A * mean.A + mean.B * mean.B + C1) * (varianceA + varianceB + C2));
    }

    /// <summary>Weighted sums over the window's rows, one for each column, of the values and their products.</summary>
    private sealed class WindowedMeans(int width)
    {
        private readonly double[] _a = new double[width];
        private readonly double[] _b = new double[width];
        private readonly double[] _aa = new double[width];
        private readonly double[] _bb = new double[width];
        private readonly double[] _ab = new double[width];

        public void Clear()
        {
            foreach (var sums in new[] { _a, _b, _aa, _bb, _ab })
            {
                Array.Clear(sums);
            }
        }

        public void AddRow(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, double weight)
        {
            for (var x = 0; x < width; x++)
            {
                int left = a[x * RgbImage.Channels];
                int right = b[x * RgbImage.Channels];
                _a[x] += weight * left;
                _b[x] += weight * right;
                _aa[x] += weight * (left * left);
                _bb[x] += weight * (right * right);
                _ab[x] += weight * (left * right);
            }
        }

        public (double A, double B, double AA, double BB, double AB) At(int x, double[] kernel)
        {
            var (a, b, aa, bb, ab) = (0.0, 0.0, 0.0, 0.0, 0.0);
            for (var k = 0; k < kernel.Length; k++)
            {
                a += kernel[k] * _a[x + k];
                b += kernel[k] * _b[x + k];
                aa += kernel[k] * _aa[x + k];
                bb += kernel[k] * _bb[x + k];
                ab += kernel[k] * _ab[x + k];
            }

            return (a, b, aa, bb, ab);
        }
    }
}
