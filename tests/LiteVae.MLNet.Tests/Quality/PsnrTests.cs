using LiteVae.Tests.Images;

namespace LiteVae.Tests.Quality;

public class PsnrTests
{
    [Fact]
    public void One_level_everywhere_is_48_13_dB()
    {
        // MSE 1: 20 log10 255.
        var a = Pictures.FromPixels(5, 4, (_, _) => (100, 100, 100));
        var b = Pictures.FromPixels(5, 4, (_, _) => (101, 99, 101));
        Assert.Equal(48.1308036, Psnr.Compute(a, b), 1e-6);
    }

    [Fact]
    public void Black_against_white_is_zero_dB() =>
        Assert.Equal(0, Psnr.Compute(Pictures.FromPixels(3, 3, (_, _) => (0, 0, 0)), Pictures.FromPixels(3, 3, (_, _) => (255, 255, 255))), 1e-12);

    [Fact]
    public void One_wrong_channel_of_one_pixel_counts_its_share()
    {
        // A squared error of 60^2 among 2 * 2 * 3 values: MSE 300.
        var a = Pictures.FromPixels(2, 2, (_, _) => (60, 60, 60));
        var b = Pictures.FromPixels(2, 2, (x, y) => (60, 60, (byte)(x + y == 2 ? 0 : 60)));
        Assert.Equal(10 * Math.Log10(255.0 * 255 / 300), Psnr.Compute(a, b), 1e-12);
    }

    [Fact]
    public void Identical_images_have_infinite_psnr()
    {
        var image = Pictures.Noise(6, 5);
        Assert.Equal(double.PositiveInfinity, Psnr.Compute(image, new RgbImage(6, 5, [.. image.Pixels])));
    }

    [Fact]
    public void Images_of_different_sizes_are_not_compared()
    {
        var e = Assert.Throws<ArgumentException>(() => Psnr.Compute(Pictures.Noise(6, 5), Pictures.Noise(5, 6)));
        Assert.Contains("6 x 5 and 5 x 6 cannot be compared", e.Message, StringComparison.Ordinal);
    }
}
