using System.Globalization;
using SkiaSharp;

namespace LiteVae;

/// <summary>A picture inside a page: a JPEG of bounded size.</summary>
internal static class PreviewImage
{
    /// <summary>Longest side; a larger picture is scaled down.</summary>
    public const int MaxSide = 768;

    /// <summary>High, and with all of the colour: the reader judges a reconstruction by it.</summary>
    private const int Quality = 85;

    /// <summary>An error map is noise, which costs most and says no more with finer steps.</summary>
    private const int MapQuality = 60;

    private static readonly SKJpegEncoderOptions Jpeg = new(Quality, SKJpegEncoderDownsample.Downsample444, SKJpegEncoderAlphaOption.Ignore);
    private static readonly SKJpegEncoderOptions MapJpeg = new(MapQuality, SKJpegEncoderDownsample.Downsample420, SKJpegEncoderAlphaOption.Ignore);

    /// <summary>What the pictures of a page are, for its reader.</summary>
    public static string Description => string.Create(CultureInfo.InvariantCulture, $"The pictures here are JPEGs of quality {Quality}, maps {MapQuality}, scaled down where a side is over {MaxSide} pixels");

    /// <summary>The size that a picture gets.</summary>
    public static (int Width, int Height) Size(int width, int height)
    {
        var scale = Math.Min(1, MaxSide / (double)Math.Max(width, height));
        return (Math.Max(1, (int)Math.Round(width * scale)), Math.Max(1, (int)Math.Round(height * scale)));
    }

    /// <summary>A picture as base64.</summary>
    public static string Encode(RgbImage image) => Encode(image, Jpeg);

    /// <summary>An error map as base64.</summary>
    public static string EncodeMap(RgbImage map) => Encode(map, MapJpeg);

    private static unsafe string Encode(RgbImage image, SKJpegEncoderOptions options)
    {
        var (width, height) = Size(image.Width, image.Height);
        image = (width, height) == (image.Width, image.Height) ? image : BicubicResizer.Resize(image, width, height);
        var info = new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        fixed (byte* pixels = image.ToRgba())
        {
            using var pixmap = new SKPixmap(info, (nint)pixels, info.RowBytes);
            using var jpeg = pixmap.Encode(options) ?? throw new InvalidOperationException($"An image of {width} x {height} could not be encoded as JPEG.");
            return Convert.ToBase64String(jpeg.AsSpan());
        }
    }
}
