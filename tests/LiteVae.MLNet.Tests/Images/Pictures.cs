using SkiaSharp;

namespace LiteVae.Tests.Images;

/// <summary>Small pictures, by name or by formula, and their encodings.</summary>
internal static class Pictures
{
    /// <summary>A picture from a formula.</summary>
    public static RgbImage FromPixels(int width, int height, Func<int, int, (byte Red, byte Green, byte Blue)> pixel)
    {
        var pixels = new byte[width * height * 3];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                (pixels[(y * width + x) * 3], pixels[(y * width + x) * 3 + 1], pixels[(y * width + x) * 3 + 2]) = pixel(x, y);
            }
        }

        return new RgbImage(width, height, pixels);
    }

    /// <summary>Uniform noise, the same for the same size and seed.</summary>
    public static RgbImage Noise(int width, int height, int seed = 1)
    {
        var pixels = new byte[width * height * 3];
        new Random(seed).NextBytes(pixels);
        return new RgbImage(width, height, pixels);
    }

    /// <summary>Three smooth gradients and a bright corner: compresses well, and every orientation of it looks different.</summary>
    public static RgbImage Gradient(int width, int height) => FromPixels(width, height, (x, y) =>
        ((byte)(255 * x / width), (byte)(255 * y / height), (byte)(x < width / 2 && y < height / 2 ? 240 : 20)));

    /// <summary>One pixel.</summary>
    public static (byte Red, byte Green, byte Blue) At(RgbImage image, int x, int y)
    {
        var i = (y * image.Width + x) * 3;
        return (image.Pixels[i], image.Pixels[i + 1], image.Pixels[i + 2]);
    }

    /// <summary>The picture in a file format of SkiaSharp's encoders.</summary>
    public static byte[] Encode(RgbImage image, SKEncodedImageFormat format, int quality = 95)
    {
        using var bitmap = new SKBitmap(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        for (var y = 0; y < image.Height; y++)
        {
            for (var x = 0; x < image.Width; x++)
            {
                var (red, green, blue) = At(image, x, y);
                bitmap.SetPixel(x, y, new SKColor(red, green, blue));
            }
        }

        return Encode(bitmap, format, quality);
    }

    /// <summary>A bitmap in a file format of SkiaSharp's encoders.</summary>
    public static byte[] Encode(SKBitmap bitmap, SKEncodedImageFormat format, int quality = 95)
    {
        using var data = bitmap.Encode(format, quality);
        return data.ToArray();
    }

    /// <summary>Largest difference of two pictures of one size, in levels.</summary>
    public static int LargestDifference(RgbImage a, RgbImage b)
    {
        Assert.Equal((a.Width, a.Height), (b.Width, b.Height));
        return a.Pixels.Zip(b.Pixels, (x, y) => Math.Abs(x - y)).Max();
    }
}
