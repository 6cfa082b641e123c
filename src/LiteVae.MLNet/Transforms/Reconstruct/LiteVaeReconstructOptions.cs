namespace LiteVae;

/// <summary>Options of <c>LiteVaeReconstruct</c>: image column -> column of what the autoencoder makes of it.</summary>
public sealed record LiteVaeReconstructOptions : LiteVaeTransformOptions
{
    /// <summary>Width in pixels at which every image is reconstructed; null (default), together with <see cref="Height"/>, keeps each image's own size.</summary>
    public int? Width { get; init; }

    /// <summary>Height in pixels at which every image is reconstructed; see <see cref="Width"/>.</summary>
    public int? Height { get; init; }

    /// <summary>How an image of another size gets to <see cref="Width"/> and <see cref="Height"/>. Default centre crop. Ignored without them.</summary>
    public ResizePolicy Resize { get; init; } = ResizePolicy.CenterCrop;

    /// <summary>
    /// Most pixels, width times height, of an image reconstructed at its own size; a larger one is a bad row. 1 to 500 million, default 16,777,216
    /// (4096 x 4096). Model S takes 0.25 to 0.3 GB a megapixel. Ignored with <see cref="Width"/> and <see cref="Height"/>.
    /// </summary>
    public long MaxPixels { get; init; } = DefaultMaxPixels;

    /// <summary>
    /// Name of a column for the peak signal-to-noise ratio in dB between the image, after resizing, and its reconstruction; null (default) for no such column.
    /// A low value marks an image unlike those the model knows.
    /// </summary>
    public string? PsnrColumn { get; init; }

    /// <summary>As <see cref="PsnrColumn"/>, for the structural similarity, at most 1. NaN for images with a side below 11 pixels.</summary>
    public string? SsimColumn { get; init; }

    /// <summary>The size of the images in the model.</summary>
    internal ImageSizing Sizing => new(Width, Height, Resize, MaxPixels);

    private protected override IEnumerable<string> Faults()
    {
        foreach (var fault in base.Faults().Concat(SizeFaults(Width, Height)).Concat(MaxPixelsFaults(MaxPixels)))
        {
            yield return fault;
        }

        if (!Enum.IsDefined(Resize))
        {
            yield return $"Resize is {Resize}; allowed are {string.Join(", ", Enum.GetNames<ResizePolicy>())}.";
        }

        if (PsnrColumn is "" || SsimColumn is "")
        {
            yield return "PsnrColumn or SsimColumn is empty; give a name, or null for no such column.";
        }

        if (PsnrColumn is not null && PsnrColumn == SsimColumn)
        {
            yield return $"PsnrColumn and SsimColumn are both '{PsnrColumn}'; give them different names.";
        }
    }
}
