using LiteVae.Tests.Images;

namespace LiteVae.Tests.Quality;

public class ImageScoreTests
{
    [Fact]
    public void Both_numbers_are_those_of_their_own_classes()
    {
        var (a, b) = (Pictures.FromPixels(16, 12, (x, y) => ((byte)(9 * x), (byte)(7 * y), 50)), Pictures.FromPixels(16, 12, (x, y) => ((byte)(8 * x), (byte)(7 * y), 60)));
        Assert.Equal(new ImageScore(Psnr.Compute(a, b), Ssim.Compute(a, b)), ImageScore.Of(a, b));
    }

    [Fact]
    public void An_exact_reconstruction_has_no_psnr() => Assert.Equal(new ImageScore(null, 1), ImageScore.Of(Grey(16, 11), Grey(16, 11)));

    [Fact]
    public void An_image_smaller_than_the_window_has_no_ssim() => Assert.Null(ImageScore.Of(Grey(16, 10), Grey(16, 10)).Ssim);

    private static RgbImage Grey(int width, int height) => Pictures.FromPixels(width, height, (_, _) => (90, 90, 90));
}
