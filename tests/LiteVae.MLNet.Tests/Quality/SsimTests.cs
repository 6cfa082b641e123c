using LiteVae.Tests.Images;

namespace LiteVae.Tests.Quality;

public class SsimTests
{
    [Theory]
    [InlineData(11, 11)]
    [InlineData(12, 17)]
    [InlineData(40, 11)]
    [InlineData(33, 26)]
    public void Compute_agrees_with_the_definition_written_out(int width, int height)
    {
        var a = Pictures.Gradient(width, height);
        var noise = Pictures.Noise(width, height);
        var b = new RgbImage(width, height, [.. a.Pixels.Zip(noise.Pixels, (x, y) => (byte)((3 * x + y) / 4))]);
        Assert.Equal(PlainSsim(a, b), Ssim.Compute(a, b), 1e-9);
    }

    [Fact]
    public void Identical_images_have_a_similarity_of_one()
    {
        var image = Pictures.Noise(20, 15);
        Assert.Equal(1, Ssim.Compute(image, image), 1e-12);
    }

    [Fact]
    public void Flat_images_differ_by_their_luminance_alone()
    {
        // Without variance only (2 a b + C1) / (a^2 + b^2 + C1) is left, with C1 = 2.55^2.
        var a = Pictures.FromPixels(16, 16, (_, _) => (100, 100, 100));
        var b = Pictures.FromPixels(16, 16, (_, _) => (200, 200, 200));
        Assert.Equal((2 * 100 * 200 + 6.5025) / (100 * 100 + 200 * 200 + 6.5025), Ssim.Compute(a, b), 1e-9);
    }

    [Theory]
    [InlineData(10, 50)]
    [InlineData(50, 10)]
    public void Images_smaller_than_the_window_are_refused(int width, int height)
    {
        var e = Assert.Throws<ArgumentException>(() => Ssim.Compute(Pictures.Noise(width, height), Pictures.Noise(width, height)));
        Assert.Contains($"{width} x {height} is too small for SSIM: both sides must be at least 11", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_of_different_sizes_are_not_compared() =>
        Assert.Throws<ArgumentException>(() => Ssim.Compute(Pictures.Noise(20, 30), Pictures.Noise(30, 20)));

    /// <summary>The sums over every window, two-dimensional, as the definition has them.</summary>
    private static double PlainSsim(RgbImage a, RgbImage b)
    {
        const double c1 = 0.01 * 255 * (0.01 * 255);
        const double c2 = 0.03 * 255 * (0.03 * 255);
        var weights = new double[11, 11];
        var total = 0.0;
        for (var i = 0; i < 11; i++)
        {
            for (var j = 0; j < 11; j++)
            {
                weights[i, j] = Math.Exp(-((i - 5) * (i - 5) + (j - 5) * (j - 5)) / 4.5);
                total += weights[i, j];
            }
        }

        var similarities = new List<double>();
        for (var channel = 0; channel < 3; channel++)
        {
            for (var y = 0; y + 11 <= a.Height; y++)
            {
                for (var x = 0; x + 11 <= a.Width; x++)
                {
                    double meanA = 0, meanB = 0, varianceA = 0, varianceB = 0, covariance = 0;
                    Sum((w, p, q) => (meanA, meanB) = (meanA + w * p, meanB + w * q));
                    Sum((w, p, q) =>
                    {
                        varianceA += w * (p - meanA) * (p - meanA);
                        varianceB += w * (q - meanB) * (q - meanB);
                        covariance += w * (p - meanA) * (q - meanB);
                    });
                    similarities.Add((2 * meanA * meanB + c1) * (2 * covariance + c2) / ((meanA * meanA + meanB * meanB + c1) * (varianceA + varianceB + c2)));

                    void Sum(Action<double, double, double> add)
                    {
                        for (var i = 0; i < 11; i++)
                        {
                            for (var j = 0; j < 11; j++)
                            {
                                var at = ((y + i) * a.Width + x + j) * 3 + channel;
                                add(weights[i, j] / total, a.Pixels[at], b.Pixels[at]);
                            }
                        }
                    }
                }
            }
        }

        return similarities.Average();
    }
}
