namespace LiteVae;

/// <summary>Antialiased bicubic scaling (a = -0.5), in the fixed-point arithmetic that Pillow uses, so that the bytes agree with its <c>resize(..., BICUBIC)</c>.</summary>
internal static class BicubicResizer
{
    /// <summary>Most pixels between the two passes, unless the source or the result has more: 300 MB. Only a picture thin as a thread needs so many.</summary>
    private const long MaxPixelsBetweenPasses = 100_000_000;

    /// <summary>Scales to a size; a pass whose side does not change is skipped, and the same instance comes back where neither does.</summary>
    public static RgbImage Resize(RgbImage source, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        return Resample(source, new ResizeAxis(source.Width, width, 0, width), new ResizeAxis(source.Height, height, 0, height));
    }

    /// <summary>Brings an image to a size; where one of its sides is scaled more than asked for, only the part that is kept is computed.</summary>
    public static RgbImage Fit(RgbImage source, int width, int height, ResizePolicy policy)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        return policy switch
        {
            ResizePolicy.Stretch => Resize(source, width, height),
            ResizePolicy.CenterCrop => Cover(source, width, height),
            ResizePolicy.Pad => Pad(source, width, height),
            _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, "Not a resize policy."),
        };
    }

    /// <summary>The box of an image that <see cref="ResizePolicy.CenterCrop"/> makes a picture of.</summary>
    public static CropBox CoverBox(int sourceWidth, int sourceHeight, int width, int height)
    {
        var (scaledWidth, scaledHeight) = Covering(sourceWidth, sourceHeight, width, height);
        var (byX, byY) = ((double)sourceWidth / scaledWidth, (double)sourceHeight / scaledHeight);
        return new CropBox((scaledWidth - width) / 2 * byX, (scaledHeight - height) / 2 * byY, width * byX, height * byY);
    }

    private static RgbImage Cover(RgbImage source, int width, int height)
    {
        var (scaledWidth, scaledHeight) = Covering(source.Width, source.Height, width, height);
        return Resample(
            source,
            new ResizeAxis(source.Width, scaledWidth, (scaledWidth - width) / 2, width),
            new ResizeAxis(source.Height, scaledHeight, (scaledHeight - height) / 2, height));
    }

    /// <summary>The size that an image is scaled to, of which the centre is kept.</summary>
    private static (long Width, long Height) Covering(int sourceWidth, int sourceHeight, int width, int height)
    {
        // The side that is scaled to the asked length exactly; the other, longer one is rounded down, as torchvision's Resize does.
        var byWidth = (long)sourceHeight * width >= (long)sourceWidth * height;
        return byWidth ? (width, (long)sourceHeight * width / sourceWidth) : ((long)sourceWidth * height / sourceHeight, height);
    }

    private static RgbImage Pad(RgbImage source, int width, int height)
    {
        var byWidth = (long)source.Height * width <= (long)source.Width * height;
        var scaledWidth = byWidth ? width : (int)Math.Max(1, (long)source.Width * height / source.Height);
        var scaledHeight = byWidth ? (int)Math.Max(1, (long)source.Height * width / source.Width) : height;
        var scaled = Resize(source, scaledWidth, scaledHeight);
        var padded = new RgbImage(width, height, new byte[checked(width * height * RgbImage.Channels)]);
        var left = (width - scaledWidth) / 2 * RgbImage.Channels;
        var top = (height - scaledHeight) / 2;
        for (var y = 0; y < scaledHeight; y++)
        {
            scaled.Row(y).CopyTo(padded.Row(top + y)[left..]);
        }

        return padded;
    }

    private static RgbImage Resample(RgbImage source, ResizeAxis horizontal, ResizeAxis vertical)
    {
        // The horizontal pass computes only the rows that the vertical one reads.
        var (firstRow, rows) = vertical.IsIdentity ? (0, source.Height) : vertical.InputRange();
        RequirePossible(source, horizontal, vertical, rows);
        var image = horizontal.IsIdentity ? source : Horizontal(source, horizontal, firstRow, rows);
        var skippedRows = horizontal.IsIdentity ? 0 : firstRow;
        return vertical.IsIdentity ? image : Vertical(image, vertical, skippedRows);
    }

    private static void RequirePossible(RgbImage source, ResizeAxis horizontal, ResizeAxis vertical, int rows)
    {
        var result = (long)horizontal.Count * vertical.Count;
        var between = (long)horizontal.Count * rows;
        var most = Math.Max(MaxPixelsBetweenPasses, Math.Max((long)source.Width * source.Height, result));
        if (between > most || result > ImageLimits.GreatestMaxPixels)
        {
            throw new InvalidDataException(
                $"An image of {source.Width} x {source.Height} cannot be resized to {horizontal.Count} x {vertical.Count}: that takes {horizontal.Count} x {rows} = {between} pixels"
                + $" on the way, where {most} is the limit, and makes {result}, where {ImageLimits.GreatestMaxPixels} is. Crop or pad it, or choose another size.");
        }
    }

    private static RgbImage Horizontal(RgbImage source, ResizeAxis axis, int firstRow, int rows)
    {
        var target = new RgbImage(axis.Count, rows, new byte[checked(axis.Count * rows * RgbImage.Channels)]);
        for (var y = 0; y < rows; y++)
        {
            var from = source.Row(firstRow + y);
            var to = target.Row(y);
            for (var x = 0; x < axis.Count; x++)
            {
                var (red, green, blue) = (ResizeAxis.Half, ResizeAxis.Half, ResizeAxis.Half);
                var pixel = axis.First(x) * RgbImage.Channels;
                foreach (var weight in axis.Weights(x))
                {
                    red += from[pixel] * weight;
                    green += from[pixel + 1] * weight;
                    blue += from[pixel + 2] * weight;
                    pixel += RgbImage.Channels;
                }

                to[x * RgbImage.Channels] = ResizeAxis.ToByte(red);
                to[x * RgbImage.Channels + 1] = ResizeAxis.ToByte(green);
                to[x * RgbImage.Channels + 2] = ResizeAxis.ToByte(blue);
            }
        }

        return target;
    }

    private static RgbImage Vertical(RgbImage source, ResizeAxis axis, int skippedRows)
    {
        var target = new RgbImage(source.Width, axis.Count, new byte[checked(source.Width * axis.Count * RgbImage.Channels)]);
        var sums = new int[source.Width * RgbImage.Channels];
        for (var y = 0; y < axis.Count; y++)
        {
            Array.Fill(sums, ResizeAxis.Half);
            var row = axis.First(y) - skippedRows;
            foreach (var weight in axis.Weights(y))
            {
                var from = source.Row(row++);
                for (var i = 0; i < sums.Length; i++)
                {
                    sums[i] += from[i] * weight;
                }
            }

            var to = target.Row(y);
            for (var i = 0; i < sums.Length; i++)
            {
                to[i] = ResizeAxis.ToByte(sums[i]);
            }
        }

        return target;
    }
}
