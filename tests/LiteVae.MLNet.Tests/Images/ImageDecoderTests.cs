using SkiaSharp;

namespace LiteVae.Tests.Images;

public class ImageDecoderTests
{
    [Theory]
    [InlineData(SKEncodedImageFormat.Png, 37, 21)]
    [InlineData(SKEncodedImageFormat.Png, 1, 50)]
    [InlineData(SKEncodedImageFormat.Png, 50, 1)]
    [InlineData(SKEncodedImageFormat.Png, 1, 1)]
    public void A_lossless_file_gives_its_pixels_back(SKEncodedImageFormat format, int width, int height)
    {
        var image = Pictures.Noise(width, height);
        var decoded = ImageDecoder.Decode(Pictures.Encode(image, format), "noise");
        Assert.Equal(0, Pictures.LargestDifference(image, decoded));
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Webp)]
    public void A_lossy_file_gives_nearly_its_pixels_back(SKEncodedImageFormat format)
    {
        // The gradients are smooth but for one edge in blue, which chroma subsampling smears: the mean is what must hold.
        var image = Pictures.Gradient(64, 48);
        var decoded = ImageDecoder.Decode(Pictures.Encode(image, format), "gradient");
        Assert.Equal((64, 48), (decoded.Width, decoded.Height));
        Assert.InRange(image.Pixels.Zip(decoded.Pixels, (a, b) => Math.Abs(a - b)).Average(), 0, 3);
    }

    [Fact]
    public void Grey_becomes_three_equal_channels()
    {
        using var grey = new SKBitmap(5, 3, SKColorType.Gray8, SKAlphaType.Opaque);
        grey.Erase(new SKColor(77, 77, 77));
        foreach (var format in new[] { SKEncodedImageFormat.Png, SKEncodedImageFormat.Jpeg })
        {
            var decoded = ImageDecoder.Decode(Pictures.Encode(grey, format, 100), "grey");
            Assert.Equal(Enumerable.Repeat((byte)77, 5 * 3 * 3), decoded.Pixels);
        }
    }

    [Fact]
    public void Transparency_is_composited_over_white()
    {
        using var bitmap = new SKBitmap(3, 1, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        bitmap.SetPixel(0, 0, new SKColor(200, 100, 0, 0));
        bitmap.SetPixel(1, 0, new SKColor(200, 100, 0, 51));
        bitmap.SetPixel(2, 0, new SKColor(200, 100, 0, 255));

        var decoded = ImageDecoder.Decode(Pictures.Encode(bitmap, SKEncodedImageFormat.Png), "alpha");

        // 51 / 255 is a fifth: 255 + (value - 255) / 5.
        Assert.Equal([255, 255, 255, 244, 224, 204, 200, 100, 0], decoded.Pixels);
    }

    [Theory]
    [InlineData(1, "ABCD")]
    [InlineData(2, "BADC")]
    [InlineData(3, "DCBA")]
    [InlineData(4, "CDAB")]
    [InlineData(5, "ACBD")]
    [InlineData(6, "CADB")]
    [InlineData(7, "DBCA")]
    [InlineData(8, "BDAC")]
    [InlineData(0, "ABCD")]
    [InlineData(9, "ABCD")]
    public void Exif_orientation_puts_every_corner_where_it_belongs(int orientation, string corners)
    {
        // Stored corners, row by row: A black, B red, C green, D blue, in blocks of 32 x 16 pixels.
        var colors = new Dictionary<char, (byte, byte, byte)> { ['A'] = (0, 0, 0), ['B'] = (255, 0, 0), ['C'] = (0, 255, 0), ['D'] = (0, 0, 255) };
        var stored = Pictures.FromPixels(64, 32, (x, y) => colors["ABCD"[(y / 16 * 2) + (x / 32)]]);
        var jpeg = Pictures.Encode(stored, SKEncodedImageFormat.Jpeg, 100);
        var png = Pictures.Encode(stored, SKEncodedImageFormat.Png);

        foreach (var file in new[] { ExifFiles.InJpeg(jpeg, orientation), ExifFiles.InPng(png, orientation) })
        {
            var upright = ImageDecoder.Decode(file, "rotated");

            Assert.Equal(orientation is >= 5 and <= 8 ? (32, 64) : (64, 32), (upright.Width, upright.Height));
            var (right, bottom) = (upright.Width - 4, upright.Height - 4);
            var seen = new[] { (3, 3), (right, 3), (3, bottom), (right, bottom) }.Select(at => NearestCorner(Pictures.At(upright, at.Item1, at.Item2)));
            Assert.Equal(corners, string.Concat(seen));
        }

        char NearestCorner((byte R, byte G, byte B) pixel) => colors.MinBy(color =>
            Math.Abs(color.Value.Item1 - pixel.R) + Math.Abs(color.Value.Item2 - pixel.G) + Math.Abs(color.Value.Item3 - pixel.B)).Key;
    }

    [Fact]
    public void A_missing_file_is_reported_as_missing()
    {
        var e = Assert.Throws<FileNotFoundException>(() => ImageDecoder.Decode("no/such/picture.png"));
        Assert.Contains("no/such/picture.png", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_reported_as_a_folder()
    {
        var e = Assert.Throws<InvalidDataException>(() => ImageDecoder.Decode(Path.GetTempPath()));
        Assert.Contains("a folder, not an image file", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_on_disk_decodes_as_its_bytes_do()
    {
        using var folder = new TemporaryFolder();
        var path = folder.At("sub/picture.png");
        var image = Pictures.Noise(19, 11);

        PngFile.Save(path, image);

        Assert.Equal(0, Pictures.LargestDifference(image, ImageDecoder.Decode(path)));
        Assert.Equal(image.Pixels, ImageDecoder.Decode(File.ReadAllBytes(path), "same").Pixels);
    }

    [Fact]
    public void An_empty_file_is_called_empty() => Refused([], "the file is empty (0 bytes)");

    [Fact]
    public void Text_is_called_not_an_image_with_its_first_bytes() => Refused("Dear Sir"u8, "not an image: its first bytes are 4465617220536972 ('Dear Sir')");

    [Theory]
    [InlineData("\0\0\0\u001cftypavif\0\0\0\0", "an AVIF image")]
    [InlineData("\0\0\0\u0018ftypheic\0\0\0\0", "a HEIC or AVIF image")]
    [InlineData("II*\0\b\0\0\0", "a TIFF or camera raw image")]
    [InlineData("MM\0*\0\0\0\b", "a TIFF or camera raw image")]
    [InlineData("%PDF-1.7", "a PDF document")]
    [InlineData("\uFEFF <svg xmlns='x'/>", "an SVG image")]
    [InlineData("<!doctype html><html>", "a web page")]
    [InlineData("version https://git-lfs.github.com/spec/v1", "git lfs pull")]
    [InlineData("P6\n2 2\n255\n", "a PNM image")]
    public void A_known_format_that_is_not_supported_is_named(string start, string says)
    {
        Refused(System.Text.Encoding.UTF8.GetBytes(start), "not an image: it looks like");
        Refused(System.Text.Encoding.UTF8.GetBytes(start), says);
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Png)]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Webp)]
    public void A_truncated_file_is_refused_wherever_it_ends(SKEncodedImageFormat format)
    {
        var whole = Pictures.Encode(Pictures.Noise(40, 30), format);
        var lastByteOfPixels = whole.Length - (format == SKEncodedImageFormat.Png ? 20 : 3);
        for (var length = 1; length < lastByteOfPixels; length += 7)
        {
            var cut = whole[..length];
            Assert.Throws<InvalidDataException>(() => ImageDecoder.Decode(cut, $"cut at {length} of {whole.Length}"));
        }
    }

    [Fact]
    public void A_damaged_png_is_called_broken()
    {
        var png = Pictures.Encode(Pictures.Noise(40, 30), SKEncodedImageFormat.Png);
        png[png.Length / 2] ^= 0x10;
        Refused(png, "the image is broken");
    }

    [Fact]
    public void A_header_of_huge_sides_is_refused_before_anything_is_allocated()
    {
        var png = Pictures.Encode(Pictures.Noise(4, 4), SKEncodedImageFormat.Png);
        ExifFiles.SetPngSize(png, 60_000, 60_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Refused(png, "too large: 60000 x 60000 is 3600000000 pixels; the limit is 100000000");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Limits_of_pixels_and_bytes_are_the_callers()
    {
        var png = Pictures.Encode(Pictures.Noise(10, 10), SKEncodedImageFormat.Png);
        Assert.Equal(10, ImageDecoder.Decode(png, "ten", new ImageLimits { MaxPixels = 100, MaxFileBytes = png.Length }).Width);
        Refused(png, "too large: 10 x 10 is 100 pixels; the limit is 99", new ImageLimits { MaxPixels = 99 });
        Refused(png, $"the file is too large: {png.Length} bytes; the limit is {png.Length - 1}", new ImageLimits { MaxFileBytes = png.Length - 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageDecoder.Decode(png, "x", new ImageLimits { MaxPixels = ImageLimits.GreatestMaxPixels + 1 }));
    }

    private static void Refused(ReadOnlySpan<byte> bytes, string says, ImageLimits? limits = null)
    {
        var copy = bytes.ToArray();
        var e = Assert.Throws<InvalidDataException>(() => ImageDecoder.Decode(copy, "photos/a.jpg", limits));
        Assert.StartsWith("photos/a.jpg: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
    }
}
