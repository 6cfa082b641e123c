using SkiaSharp;

namespace LiteVae;

/// <summary>Turns image files into RGB pixels: JPEG, PNG, WebP, GIF (first frame) and BMP.</summary>
/// <remarks>
/// The EXIF orientation is applied. Transparency is composited over white. Grey, palette, CMYK and 16-bit images become 8-bit RGB.
/// Colour profiles are not applied, as in most training pipelines. A file whose data end early or are broken is refused, never decoded by half.
/// Safe to call from several threads.
/// </remarks>
public static class ImageDecoder
{
    private const int RgbaBytes = 4;

    /// <summary>Decodes a file within <see cref="ImageLimits.Default"/>.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is empty, not an image of a supported format, broken, or over the limits; the message says which.</exception>
    public static RgbImage Decode(string path) => Decode(path, limits: null);

    /// <summary>Decodes a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">What it may cost, or null for <see cref="ImageLimits.Default"/>.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is empty, not an image of a supported format, broken, or over the limits; the message says which.</exception>
    public static RgbImage Decode(string path, ImageLimits? limits)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        limits ??= ImageLimits.Default;
        limits.Validate();
        return Decode(ReadFile(path, limits), path, limits);
    }

    /// <summary>The bytes of an image file, if it is one that may be read.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is a folder, empty, no regular file, or over the limit.</exception>
    internal static byte[] ReadFile(string path, ImageLimits limits)
    {
        if (Directory.Exists(path))
        {
            throw new InvalidDataException($"{path}: a folder, not an image file. Where a search for images gave it, the folder could not be read.");
        }

        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: there is no such image file.", path);
        }

        CheckFileSize(RegularFile.Length(path), path, limits); // of what a link leads to, which may be a device without an end
        return File.ReadAllBytes(path);
    }

    /// <summary>Decodes an image file's bytes within <see cref="ImageLimits.Default"/>.</summary>
    /// <param name="bytes">The content of the file.</param>
    /// <param name="name">What to call it in error messages.</param>
    /// <exception cref="InvalidDataException">The bytes are none, not an image of a supported format, broken, or over the limits; the message says which.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> bytes, string name) => Decode(bytes, name, limits: null);

    /// <summary>Decodes an image file's bytes.</summary>
    /// <param name="bytes">The content of the file.</param>
    /// <param name="name">What to call it in error messages.</param>
    /// <param name="limits">What it may cost, or null for <see cref="ImageLimits.Default"/>.</param>
    /// <exception cref="InvalidDataException">The bytes are none, not an image of a supported format, broken, or over the limits; the message says which.</exception>
    public static unsafe RgbImage Decode(ReadOnlySpan<byte> bytes, string name, ImageLimits? limits)
    {
        ArgumentNullException.ThrowIfNull(name);
        limits ??= ImageLimits.Default;
        limits.Validate();
        CheckFileSize(bytes.Length, name, limits);

        fixed (byte* start = bytes)
        {
            using var data = SKData.Create((nint)start, bytes.Length);
            using var codec = SKCodec.Create(data);
            if (codec is null || !IsSupported(codec.EncodedFormat))
            {
                throw NotDecodable(bytes, name);
            }

            var (width, height) = (codec.Info.Width, codec.Info.Height);
            if ((long)width * height > limits.MaxPixels)
            {
                throw new InvalidDataException($"{name}: the image is too large: {width} x {height} is {(long)width * height} pixels; the limit is {limits.MaxPixels} (MaxPixels).");
            }

            var stored = ReadPixels(codec, name);
            return Orientation.Apply(stored, Origin(codec, bytes));
        }
    }

    private static SKEncodedOrigin Origin(SKCodec codec, ReadOnlySpan<byte> bytes) => codec.EncodedFormat switch
    {
        SKEncodedImageFormat.Png => ExifOrientation.InPng(bytes),
        SKEncodedImageFormat.Webp => ExifOrientation.InWebp(bytes),
        _ => codec.EncodedOrigin,
    };

    private static unsafe RgbImage ReadPixels(SKCodec codec, string name)
    {
        // Without a colour space in the target no profile is applied.
        var info = new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul, colorspace: null);
        var rgba = new byte[info.Width * info.Height * RgbaBytes];
        SKCodecResult result;
        fixed (byte* pixels = rgba)
        {
            result = codec.GetPixels(info, (nint)pixels, info.Width * RgbaBytes, SKCodecOptions.Default);
        }

        return result switch
        {
            SKCodecResult.Success => OverWhite(info.Width, info.Height, rgba),
            SKCodecResult.IncompleteInput => throw new InvalidDataException($"{name}: the image is broken: its data end before the picture is complete. The file may be truncated."),
            _ => throw new InvalidDataException($"{name}: the image is broken: decoding its {info.Width} x {info.Height} pixels failed ({result})."),
        };
    }

    private static RgbImage OverWhite(int width, int height, byte[] rgba)
    {
        var rgb = new byte[width * height * RgbImage.Channels];
        for (int from = 0, to = 0; from < rgba.Length; from += RgbaBytes, to += RgbImage.Channels)
        {
            var alpha = rgba[from + 3];
            rgb[to] = OverWhite(rgba[from], alpha);
            rgb[to + 1] = OverWhite(rgba[from + 1], alpha);
            rgb[to + 2] = OverWhite(rgba[from + 2], alpha);
        }

        return new RgbImage(width, height, rgb);
    }

    private static byte OverWhite(byte value, byte alpha) => alpha == 255 ? value : (byte)((value * alpha + 255 * (255 - alpha) + 127) / 255);

    private static bool IsSupported(SKEncodedImageFormat format) => format
        is SKEncodedImageFormat.Jpeg or SKEncodedImageFormat.Png or SKEncodedImageFormat.Webp or SKEncodedImageFormat.Gif or SKEncodedImageFormat.Bmp;

    internal static void CheckFileSize(long length, string name, ImageLimits limits)
    {
        if (length == 0)
        {
            throw new InvalidDataException($"{name}: the file is empty (0 bytes).");
        }

        if (length > limits.MaxFileBytes)
        {
            throw new InvalidDataException($"{name}: the file is too large: {length} bytes; the limit is {limits.MaxFileBytes}.");
        }
    }

    /// <summary>Tells a broken image, whose first bytes are right, from a file that is none.</summary>
    private static InvalidDataException NotDecodable(ReadOnlySpan<byte> bytes, string name)
    {
        var format = bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8]) ? "JPEG"
            : bytes.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']) ? "PNG"
            : bytes.StartsWith("RIFF"u8) && bytes.Length >= 12 && bytes[8..12].SequenceEqual("WEBP"u8) ? "WebP"
            : bytes.StartsWith("GIF8"u8) ? "GIF"
            : bytes.StartsWith("BM"u8) ? "BMP"
            : null;
        return format is not null
            ? new InvalidDataException($"{name}: the image is broken: it begins as a {format} file, but its header cannot be read.")
            : new InvalidDataException($"{name}: not an image: {ImageSignature.Describe(bytes)}. Supported are JPEG, PNG, WebP, GIF and BMP.");
    }
}
