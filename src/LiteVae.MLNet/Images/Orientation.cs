using SkiaSharp;

namespace LiteVae;

/// <summary>Turns a picture the way its camera was held: the eight values of the EXIF orientation tag.</summary>
internal static class Orientation
{
    /// <summary>True where width and height change places.</summary>
    public static bool SwapsSides(SKEncodedOrigin origin) => (int)origin is >= 5 and <= 8;

    /// <summary>The picture with left and right exchanged.</summary>
    public static RgbImage Mirrored(RgbImage picture) => Apply(picture, SKEncodedOrigin.TopRight);

    /// <summary>The picture as it is to be seen; the same instance for the plain orientation.</summary>
    /// <param name="stored">The pixels as the file stores them.</param>
    /// <param name="origin">The tag; its numbers are those of EXIF.</param>
    public static RgbImage Apply(RgbImage stored, SKEncodedOrigin origin)
    {
        if (origin is SKEncodedOrigin.TopLeft || (int)origin is < 1 or > 8)
        {
            return stored;
        }

        var (right, bottom) = (stored.Width - 1, stored.Height - 1);
        var swaps = SwapsSides(origin);
        var upright = new RgbImage(swaps ? stored.Height : stored.Width, swaps ? stored.Width : stored.Height, new byte[stored.Pixels.Length]);

        // Where the first pixel of the upright picture lies in the stored one, and the steps there for one to the right and one down.
        var (x, y, rightX, rightY, downX, downY) = origin switch
        {
            SKEncodedOrigin.TopRight => (right, 0, -1, 0, 0, 1),
            SKEncodedOrigin.BottomRight => (right, bottom, -1, 0, 0, -1),
            SKEncodedOrigin.BottomLeft => (0, bottom, 1, 0, 0, -1),
            SKEncodedOrigin.LeftTop => (0, 0, 0, 1, 1, 0),
            SKEncodedOrigin.RightTop => (0, bottom, 0, -1, 1, 0),
            SKEncodedOrigin.RightBottom => (right, bottom, 0, -1, -1, 0),
            _ => (right, 0, 0, 1, -1, 0),
        };

        var source = stored.Pixels;
        var step = RgbImage.Channels * (rightX + rightY * stored.Width);
        for (var row = 0; row < upright.Height; row++)
        {
            var target = upright.Row(row);
            var from = RgbImage.Channels * (x + row * downX + (y + row * downY) * stored.Width);
            for (var to = 0; to < target.Length; to += RgbImage.Channels, from += step)
            {
                target[to] = source[from];
                target[to + 1] = source[from + 1];
                target[to + 2] = source[from + 2];
            }
        }

        return upright;
    }
}
