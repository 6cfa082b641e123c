using SkiaSharp;

namespace LiteVae;

/// <summary>Writes pictures as PNG.</summary>
internal static class PngFile
{
    /// <summary>Saves a picture losslessly; the file appears complete or not at all.</summary>
    public static void Save(string path, RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        using var png = Encode(image);
        AtomicFile.Write(path, png.SaveTo);
    }

    /// <summary>The bytes of a picture's PNG file; the caller disposes them.</summary>
    public static unsafe SKData Encode(RgbImage image)
    {
        var info = new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        fixed (byte* pixels = image.ToRgba())
        {
            using var pixmap = new SKPixmap(info, (nint)pixels, info.RowBytes);
            return pixmap.Encode(SKPngEncoderOptions.Default)
                ?? throw new InvalidOperationException($"An image of {image.Width} x {image.Height} could not be encoded as PNG.");
        }
    }
}
