namespace LiteVae;

/// <summary>A decoded picture: interleaved RGB, 8 bits a channel, rows from top to bottom without padding.</summary>
public sealed class RgbImage
{
    /// <summary>Bytes of a pixel.</summary>
    internal const int Channels = 3;

    /// <summary>Wraps pixels; the array is not copied.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="pixels">width * height * 3 bytes.</param>
    /// <exception cref="ArgumentException">A side is below 1, or the array has another length.</exception>
    public RgbImage(int width, int height, byte[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentNullException.ThrowIfNull(pixels);
        if (pixels.LongLength != (long)width * height * Channels)
        {
            throw new ArgumentException($"An image of {width} x {height} needs {(long)width * height * Channels} bytes, not {pixels.LongLength}.", nameof(pixels));
        }

        Width = width;
        Height = height;
        Pixels = pixels;
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The bytes: red, green, blue of the top left pixel, then of the one to its right.</summary>
    public byte[] Pixels { get; }

    /// <summary>The picture as the bytes of a PNG file.</summary>
    public byte[] ToPng()
    {
        using var png = PngFile.Encode(this);
        return png.ToArray();
    }

    /// <summary>Saves the picture as PNG, without loss; the file appears complete or not at all.</summary>
    /// <param name="path">The file; what is there is replaced.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void SavePng(string path) => PngFile.Save(path, this);

    /// <summary>The bytes of one row.</summary>
    internal Span<byte> Row(int y) => Pixels.AsSpan(y * Width * Channels, Width * Channels);
}
