namespace LiteVae;

/// <summary>What an image may cost before it is refused; checked against its header, before anything of that size is allocated.</summary>
public sealed record ImageLimits
{
    /// <summary>Greatest <see cref="MaxPixels"/> that can be set: 500 million, what one array can hold.</summary>
    public const long GreatestMaxPixels = 500_000_000;

    /// <summary>The limits that are used where none are given.</summary>
    public static ImageLimits Default { get; } = new();

    /// <summary>Most pixels, width times height, from 1 to <see cref="GreatestMaxPixels"/>. Decoding takes 7 bytes for each, and what the format itself needs. Default 100 million.</summary>
    public long MaxPixels { get; init; } = 100_000_000;

    /// <summary>Most bytes of the file, from 1 to 2^31 - 1. Default 256 MiB.</summary>
    public long MaxFileBytes { get; init; } = 256L << 20;

    /// <summary>Refuses limits out of range.</summary>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPixels, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxPixels, GreatestMaxPixels);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFileBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxFileBytes, int.MaxValue);
    }
}
