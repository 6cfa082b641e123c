namespace LiteVae;

/// <summary>Where a reconstruction differs from its image: a picture of the absolute differences, on one scale for all images.</summary>
internal static class ErrorMap
{
    /// <summary>Factor of the differences.</summary>
    public const int Gain = 8;

    /// <summary>The least difference, of 255, that has the full brightness.</summary>
    public const int Brightest = (byte.MaxValue + Gain - 1) / Gain;

    /// <summary>The absolute difference of each pixel's red, green and blue, times <see cref="Gain"/>.</summary>
    public static RgbImage Of(RgbImage image, RgbImage reconstruction)
    {
        var map = new RgbImage(image.Width, image.Height, new byte[image.Pixels.Length]);
        for (var i = 0; i < map.Pixels.Length; i++)
        {
            map.Pixels[i] = (byte)Math.Min(byte.MaxValue, Gain * Math.Abs(image.Pixels[i] - reconstruction.Pixels[i]));
        }

        return map;
    }
}
