using LiteVae.Comparison.Peers;
using LiteVae.Tests;
using LiteVae.Tests.Images;
using LiteVae.Tests.Shared;

namespace LiteVae.Comparison.Tests;

public sealed class LinearFloorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void As_many_numbers_as_a_block_has_values_give_every_image_back()
    {
        var image = Pictures.Noise(20, 13, seed: 5); // neither side is a multiple of 8
        Assert.Equal(image.Pixels, Reconstruct(192, image, Pictures.Noise(40, 32)).Pixels);
    }

    [Fact]
    public void As_many_numbers_as_the_photos_vary_in_are_enough_for_images_that_vary_in_the_same()
    {
        // blocks of one colour each vary in three numbers
        var image = Pictures.FromPixels(16, 16, (x, y) => ((byte)(x < 8 ? 20 : 200), (byte)(y < 8 ? 250 : 3), (byte)(x < 8 ? y < 8 ? 7 : 77 : 177)));
        RgbImage[] photos = [.. new[] { Flat(10, 20, 30), Flat(250, 30, 90), Flat(9, 240, 80), Flat(120, 100, 255), Flat(0, 0, 0) }.SelectMany(photo => new[] { photo, photo })];
        Assert.Equal(image.Pixels, Reconstruct(3, image, photos).Pixels);
        Assert.NotEqual(image.Pixels, Reconstruct(2, image, photos).Pixels);
    }

    [Fact]
    public void What_is_not_kept_becomes_the_mean_of_every_second_photo()
    {
        // The photos vary along grey alone, so the colour of the image is lost: 32 levels of red and of green. The black photo is one of those not looked at.
        var reconstruction = Reconstruct(1, Flat(160, 96, 128), Flat(96, 96, 96), Flat(0, 0, 0), Flat(160, 160, 160));
        Assert.Equal(Flat(128, 128, 128).Pixels, reconstruction.Pixels);
        Assert.Equal(10 * Math.Log10(255.0 * 255 * 3 / (2 * 32 * 32)), Psnr.Compute(Flat(160, 96, 128), reconstruction), 1e-9);
    }

    [Fact]
    public void Kodaks_floor_of_12_channels_is_that_of_another_implementation()
    {
        // 27.59 dB, from NumPy with other random blocks, unrounded; rounding to 8 bits takes 0.004 dB
        using var basis = BlockBasis.Learn(SharedData.PathOrSkip("data/train"));
        using var floor = new LinearFloor(basis, 12);
        var psnr = ImageSource.Find([SharedData.PathOrSkip("data/eval/kodak")]).Select(source => ImageDecoder.Decode(source.Path)).Average(image => Psnr.Compute(image, floor.Reconstruct(image)));
        Assert.InRange(psnr, 27.55, 27.63);
    }

    [Fact]
    public void A_folder_without_photos_of_a_blocks_size_is_refused()
    {
        PngFile.Save(_folder.At("small/a.png"), Pictures.Noise(7, 20));
        Assert.Contains("no photo of 8 x 8 pixels or more", Assert.Throws<InvalidDataException>(() => BlockBasis.Learn(_folder.At("small"))).Message, StringComparison.Ordinal);
    }

    private static RgbImage Flat(byte red, byte green, byte blue) => Pictures.FromPixels(16, 16, (_, _) => (red, green, blue));

    private RgbImage Reconstruct(int channels, RgbImage image, params RgbImage[] photos)
    {
        for (var i = 0; i < photos.Length; i++)
        {
            PngFile.Save(_folder.At($"train/{i:00}.png"), photos[i]);
        }

        using var basis = BlockBasis.Learn(_folder.At("train"));
        using var floor = new LinearFloor(basis, channels);
        return floor.Reconstruct(image);
    }
}
