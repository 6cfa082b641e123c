namespace LiteVae;

/// <summary>What every comparison of two images asks of them.</summary>
internal static class ImagePair
{
    /// <summary>Refuses images of different sizes.</summary>
    public static void RequireSameSize(RgbImage a, RgbImage b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (a.Width != b.Width || a.Height != b.Height)
        {
            throw new ArgumentException($"Images of {a.Width} x {a.Height} and {b.Width} x {b.Height} cannot be compared: crop or resize one of them.", nameof(b));
        }
    }
}
