using LiteVae.Tests.Shared;

namespace LiteVae.Tests.Images;

public class BicubicResizerTests
{
    [Theory]
    [InlineData("src0", 128, 96)]
    [InlineData("src0", 64, 64)]
    [InlineData("src0", 33, 47)]
    [InlineData("src0", 256, 256)]
    [InlineData("src0", 480, 360)]
    [InlineData("src1", 128, 96)]
    [InlineData("src1", 64, 64)]
    [InlineData("src1", 33, 47)]
    [InlineData("src1", 256, 256)]
    [InlineData("src1", 480, 360)]
    public void Resize_gives_the_bytes_that_Pillow_gives(string source, int width, int height)
    {
        var image = ImageDecoder.Decode(SharedData.PathOrSkip($"fixtures/resize/{source}.png"));
        var expected = ImageDecoder.Decode(SharedData.PathOrSkip($"fixtures/resize/{source}_bicubic_{width}x{height}.png"));

        var resized = BicubicResizer.Resize(image, width, height);

        Assert.Equal((width, height), (resized.Width, resized.Height));
        Assert.Equal(expected.Pixels, resized.Pixels);
    }

    [Fact]
    public void Resize_to_the_same_size_changes_nothing()
    {
        var image = Pictures.Noise(7, 5);
        Assert.Equal(image.Pixels, BicubicResizer.Resize(image, 7, 5).Pixels);
    }

    [Fact]
    public void Resize_of_one_side_leaves_the_other_sides_pass_out()
    {
        // Columns of one colour each stay so when only the height changes.
        var image = Pictures.FromPixels(4, 6, (x, _) => ((byte)(x * 60), (byte)x, 255));
        var resized = BicubicResizer.Resize(image, 4, 11);
        Assert.Equal(Pictures.FromPixels(4, 11, (x, _) => ((byte)(x * 60), (byte)x, 255)).Pixels, resized.Pixels);
    }

    [Theory]
    [InlineData(1, 1, 5, 3)]
    [InlineData(3, 1, 1, 4)]
    [InlineData(50, 40, 1, 1)]
    public void Resize_of_a_flat_picture_stays_flat(int fromWidth, int fromHeight, int width, int height)
    {
        var image = Pictures.FromPixels(fromWidth, fromHeight, (_, _) => (3, 128, 252));
        Assert.Equal(Pictures.FromPixels(width, height, (_, _) => (3, 128, 252)).Pixels, BicubicResizer.Resize(image, width, height).Pixels);
    }

    [Theory]
    [InlineData(37, 23, 16, 16)]
    [InlineData(23, 37, 16, 16)]
    [InlineData(20, 20, 31, 8)]
    [InlineData(9, 50, 40, 12)]
    public void CenterCrop_is_the_middle_of_the_covering_resize(int fromWidth, int fromHeight, int width, int height)
    {
        var image = Pictures.Noise(fromWidth, fromHeight);
        var scale = Math.Max((double)width / fromWidth, (double)height / fromHeight);
        var covering = BicubicResizer.Resize(image, Math.Max(width, (int)(fromWidth * scale + 1e-9)), Math.Max(height, (int)(fromHeight * scale + 1e-9)));
        var (left, top) = ((covering.Width - width) / 2, (covering.Height - height) / 2);

        var cropped = BicubicResizer.Fit(image, width, height, ResizePolicy.CenterCrop);

        var expected = Pictures.FromPixels(width, height, (x, y) => Pictures.At(covering, left + x, top + y));
        Assert.Equal(expected.Pixels, cropped.Pixels);
    }

    [Fact]
    public void CenterCrop_of_a_very_long_strip_computes_only_what_it_keeps()
    {
        // The covering resize alone would be 256 x 12,800,000 pixels.
        var strip = Pictures.FromPixels(1, 50_000, (_, _) => (9, 8, 7));
        var cropped = BicubicResizer.Fit(strip, 256, 256, ResizePolicy.CenterCrop);
        Assert.Equal(Pictures.FromPixels(256, 256, (_, _) => (9, 8, 7)).Pixels, cropped.Pixels);
    }

    [Theory]
    [InlineData(40, 20, 16, 16, 0, 4, 16, 8)]
    [InlineData(20, 40, 16, 16, 4, 0, 8, 16)]
    [InlineData(1000, 1, 16, 16, 0, 7, 16, 1)]
    public void Pad_puts_the_whole_picture_in_the_middle_of_black(int fromWidth, int fromHeight, int width, int height, int left, int top, int innerWidth, int innerHeight)
    {
        var image = Pictures.Noise(fromWidth, fromHeight);
        var inner = BicubicResizer.Resize(image, innerWidth, innerHeight);

        var padded = BicubicResizer.Fit(image, width, height, ResizePolicy.Pad);

        var expected = Pictures.FromPixels(width, height, (x, y) =>
            x >= left && x < left + innerWidth && y >= top && y < top + innerHeight ? Pictures.At(inner, x - left, y - top) : ((byte)0, (byte)0, (byte)0));
        Assert.Equal(expected.Pixels, padded.Pixels);
    }

    [Fact]
    public void Stretch_is_the_plain_resize()
    {
        var image = Pictures.Noise(30, 10);
        Assert.Equal(BicubicResizer.Resize(image, 8, 24).Pixels, BicubicResizer.Fit(image, 8, 24, ResizePolicy.Stretch).Pixels);
    }

    [Theory]
    [InlineData(400_000, 1024)]
    [InlineData(3_000_000, 1024)]
    public void Stretching_a_thread_is_refused_with_its_sizes(int length, int side)
    {
        // 1,024 columns of 400,000 rows between the passes are 1.2 GB; of 3,000,000 more than an array holds.
        var thread = Pictures.FromPixels(1, length, (_, _) => (1, 2, 3));
        var error = Assert.Throws<InvalidDataException>(() => BicubicResizer.Fit(thread, side, side, ResizePolicy.Stretch));
        Assert.Contains($"1 x {length} cannot be resized to {side} x {side}", error.Message);
        Assert.Contains("100000000 is the limit", error.Message);
    }

    [Fact]
    public void A_side_of_zero_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => BicubicResizer.Resize(Pictures.Noise(4, 4), 0, 4));
}
