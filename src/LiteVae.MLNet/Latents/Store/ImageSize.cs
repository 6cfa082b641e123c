using System.Globalization;

namespace LiteVae;

/// <summary>A size in pixels.</summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
public readonly record struct ImageSize(int Width, int Height)
{
    /// <summary>Reads WIDTHxHEIGHT, such as 320x192.</summary>
    /// <param name="text">The text.</param>
    /// <param name="size">The size, both sides 1 or more.</param>
    public static bool TryParse(string? text, out ImageSize size)
    {
        size = default;
        if (text?.Split('x') is not [var width, var height]
            || !int.TryParse(width, NumberStyles.None, CultureInfo.InvariantCulture, out var w)
            || !int.TryParse(height, NumberStyles.None, CultureInfo.InvariantCulture, out var h)
            || w < 1
            || h < 1)
        {
            return false;
        }

        size = new ImageSize(w, h);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Width}x{Height}");
}
