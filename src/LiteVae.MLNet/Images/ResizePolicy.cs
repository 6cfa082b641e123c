namespace LiteVae;

/// <summary>What happens to the sides' ratio when an image is brought to a given size.</summary>
public enum ResizePolicy
{
    /// <summary>Both sides are scaled on their own; the ratio changes.</summary>
    Stretch,

    /// <summary>Scaled until it covers the size, then what sticks out is cut off on both sides alike.</summary>
    CenterCrop,

    /// <summary>Scaled until it fits into the size, then centred on black.</summary>
    Pad,
}
