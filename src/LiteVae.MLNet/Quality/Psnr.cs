namespace LiteVae;

/// <summary>Peak signal-to-noise ratio of two 8-bit images.</summary>
public static class Psnr
{
    private const double Peak = 255;

    /// <summary>10 log10(255^2 / MSE) in dB, the mean over all pixels and channels; positive infinity for identical images.</summary>
    /// <param name="a">One image.</param>
    /// <param name="b">The other, of the same size.</param>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static double Compute(RgbImage a, RgbImage b)
    {
        ImagePair.RequireSameSize(a, b);
        var squares = 0L; // whole numbers: exact, whatever the order
        for (var i = 0; i < a.Pixels.Length; i++)
        {
            var difference = a.Pixels[i] - b.Pixels[i];
            squares += difference * difference;
        }

        return 10 * Math.Log10(Peak * Peak * a.Pixels.Length / squares);
    }
}
