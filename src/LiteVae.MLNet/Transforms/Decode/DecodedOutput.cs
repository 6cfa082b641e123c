namespace LiteVae;

/// <summary>What LiteVaeDecode puts into its column.</summary>
public enum DecodedOutput
{
    /// <summary>An MLImage of H x W, 8 bits a channel. Whoever reads it disposes it.</summary>
    Image,

    /// <summary>A vector of <see cref="float"/>, [3, H, W]: planes of red, green and blue, clamped to -1 (black) to 1 (white), not rounded.</summary>
    Pixels,
}
