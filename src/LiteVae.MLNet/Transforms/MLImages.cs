using Microsoft.ML.Data;

namespace LiteVae;

/// <summary>Goes between ML.NET's images, four bytes a pixel with premultiplied alpha, and ours, three bytes without.</summary>
internal static class MLImages
{
    private const byte Opaque = 255;

    /// <summary>The pixels, over white where they are transparent. Nothing of the source is kept.</summary>
    /// <exception cref="InvalidDataException">The pixel format is neither Bgra32 nor Rgba32.</exception>
    public static RgbImage ToRgb(MLImage image)
    {
        var red = image.PixelFormat switch
        {
            MLPixelFormat.Rgba32 => 0,
            MLPixelFormat.Bgra32 => 2,
            var other => throw new InvalidDataException($"The image '{image.Tag}' has the pixel format {other}; supported are Bgra32 and Rgba32."),
        };
        var source = image.Pixels;
        var target = new byte[3 * image.Width * image.Height];
        for (int from = 0, to = 0; to < target.Length; from += 4, to += 3)
        {
            // Premultiplied colours lack just the white that shows through.
            var white = Opaque - source[from + 3];
            target[to] = (byte)Math.Min(Opaque, source[from + red] + white);
            target[to + 1] = (byte)Math.Min(Opaque, source[from + 1] + white);
            target[to + 2] = (byte)Math.Min(Opaque, source[from + 2 - red] + white);
        }

        return new RgbImage(image.Width, image.Height, target);
    }

    /// <summary>A new image, which the caller owns.</summary>
    public static MLImage FromRgb(RgbImage image)
    {
        var target = new byte[4 * image.Width * image.Height];
        for (int from = 0, to = 0; to < target.Length; from += 3, to += 4)
        {
            target[to] = image.Pixels[from + 2];
            target[to + 1] = image.Pixels[from + 1];
            target[to + 2] = image.Pixels[from];
            target[to + 3] = Opaque;
        }

        return MLImage.CreateFromPixels(image.Width, image.Height, MLPixelFormat.Bgra32, target);
    }
}
