namespace LiteVae;

/// <summary>A batch of images as a network takes them: planar floats in [-1, 1], shape [N, 3, H, W].</summary>
public sealed class PixelTensor
{
    private const float HalfRange = 127.5f;

    /// <summary>A batch of zeros (mid-grey), to be filled by <see cref="Set"/>.</summary>
    /// <param name="count">Images, N, at least 1.</param>
    /// <param name="height">Rows, H, at least 1.</param>
    /// <param name="width">Pixels in a row, W, at least 1.</param>
    /// <exception cref="ArgumentException">A value is below 1, or the batch is over 2^31 floats: take a smaller one.</exception>
    public PixelTensor(int count, int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        var length = (Int128)count * RgbImage.Channels * height * width;
        if (length > Array.MaxLength)
        {
            throw new ArgumentException($"A batch of [{count}, {RgbImage.Channels}, {height}, {width}] is {length} floats, more than one array holds: use a smaller batch or image.");
        }

        (Count, Height, Width) = (count, height, width);
        Data = new float[(int)length];
    }

    /// <summary>Images, N.</summary>
    public int Count { get; }

    /// <summary>Rows, H.</summary>
    public int Height { get; }

    /// <summary>Pixels in a row, W.</summary>
    public int Width { get; }

    /// <summary>All values, row-major [N, 3, H, W].</summary>
    public float[] Data { get; }

    /// <summary>The values of one image, [3, H, W].</summary>
    /// <param name="index">The image, from 0 to N - 1.</param>
    public Span<float> GetImage(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        var length = RgbImage.Channels * Height * Width;
        return Data.AsSpan(index * length, length);
    }

    /// <summary>Fills one image of the batch; one smaller than H x W is continued to the right and downwards by repeating its last pixel and row.</summary>
    /// <param name="index">The image, from 0 to N - 1.</param>
    /// <param name="image">Its pixels; 0 becomes -1 and 255 becomes 1.</param>
    /// <exception cref="ArgumentException">The image is larger than H x W.</exception>
    public void Set(int index, RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (image.Width > Width || image.Height > Height)
        {
            throw new ArgumentException($"An image of {image.Width} x {image.Height} does not fit into a tensor of {Width} x {Height} (width x height).", nameof(image));
        }

        var target = GetImage(index);
        for (var channel = 0; channel < RgbImage.Channels; channel++)
        {
            var plane = target.Slice(channel * Height * Width, Height * Width);
            for (var y = 0; y < image.Height; y++)
            {
                var pixels = image.Row(y);
                var row = plane.Slice(y * Width, Width);
                for (var x = 0; x < image.Width; x++)
                {
                    row[x] = pixels[x * RgbImage.Channels + channel] / HalfRange - 1;
                }

                row[image.Width..].Fill(row[image.Width - 1]);
            }

            for (var y = image.Height; y < Height; y++)
            {
                plane.Slice((image.Height - 1) * Width, Width).CopyTo(plane[(y * Width)..]);
            }
        }
    }

    /// <summary>One image of the batch as 8-bit pixels.</summary>
    /// <param name="index">The image, from 0 to N - 1.</param>
    /// <exception cref="InvalidDataException">A value is NaN.</exception>
    public RgbImage ToRgb(int index) => ToRgb(index, Width, Height);

    /// <summary>The top left part of one image as 8-bit pixels: values are clamped to [-1, 1] and rounded to the nearest level.</summary>
    /// <param name="index">The image, from 0 to N - 1.</param>
    /// <param name="width">Width of the part, at most W.</param>
    /// <param name="height">Height of the part, at most H.</param>
    /// <exception cref="InvalidDataException">A value is NaN.</exception>
    public RgbImage ToRgb(int index, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, Width);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, Height);
        var values = GetImage(index);
        var image = new RgbImage(width, height, new byte[width * height * RgbImage.Channels]);
        for (var channel = 0; channel < RgbImage.Channels; channel++)
        {
            for (var y = 0; y < height; y++)
            {
                var row = values.Slice((channel * Height + y) * Width, width);
                var pixels = image.Row(y);
                for (var x = 0; x < width; x++)
                {
                    if (float.IsNaN(row[x]))
                    {
                        throw Broken(index, x, y, channel);
                    }

                    pixels[x * RgbImage.Channels + channel] = (byte)(Math.Clamp((row[x] + 1) * HalfRange, 0, 255) + 0.5f);
                }
            }
        }

        return image;
    }

    /// <summary>The values of one image, [3, H, W], clamped to [-1, 1].</summary>
    /// <param name="index">The image, from 0 to N - 1.</param>
    /// <exception cref="InvalidDataException">A value is NaN.</exception>
    internal float[] ToPixels(int index)
    {
        var pixels = GetImage(index).ToArray();
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = !float.IsNaN(pixels[i]) ? Math.Clamp(pixels[i], -1, 1) : throw Broken(index, i % Width, i / Width % Height, i / (Width * Height));
        }

        return pixels;
    }

    /// <summary>The least multiple of a number that is not below a size, for example 8 for 1 to 8.</summary>
    /// <param name="size">The size, at least 0.</param>
    /// <param name="multiple">The number, at least 1.</param>
    /// <exception cref="OverflowException">The result is over 2^31 - 1.</exception>
    public static int RoundUp(int size, int multiple)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        ArgumentOutOfRangeException.ThrowIfLessThan(multiple, 1);
        return checked((size / multiple + (size % multiple == 0 ? 0 : 1)) * multiple);
    }

    private static InvalidDataException Broken(int index, int x, int y, int channel) =>
        new($"Image {index} of the batch is NaN at x {x}, y {y}, channel {channel}: the model or its input is broken.");
}
