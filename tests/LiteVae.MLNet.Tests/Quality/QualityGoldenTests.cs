using System.Globalization;
using LiteVae.Tests.Shared;

namespace LiteVae.Tests.Quality;

public class QualityGoldenTests
{
    [Theory]
    [InlineData("noise")]
    [InlineData("blur")]
    [InlineData("shift")]
    [InlineData("same")]
    public void Psnr_and_ssim_agree_with_scikit_image(string pair)
    {
        var table = File.ReadAllLines(SharedData.PathOrSkip("fixtures/metrics/psnr_ssim.csv"));
        var expected = table.Select(line => line.Split(',')).Single(cells => cells[0] == $"{pair}_a.png");
        var a = ImageDecoder.Decode(SharedData.PathOrSkip($"fixtures/metrics/{expected[0]}"));
        var b = ImageDecoder.Decode(SharedData.PathOrSkip($"fixtures/metrics/{expected[1]}"));

        var psnr = expected[2] == "inf" ? double.PositiveInfinity : double.Parse(expected[2], CultureInfo.InvariantCulture);

        // The table has six decimals.
        Assert.Equal(psnr, Psnr.Compute(a, b), 5e-7);
        Assert.Equal(double.Parse(expected[3], CultureInfo.InvariantCulture), Ssim.Compute(a, b), 5e-7);
    }
}
