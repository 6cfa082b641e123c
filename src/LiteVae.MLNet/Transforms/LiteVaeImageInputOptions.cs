namespace LiteVae;

/// <summary>What the components that read images have in common: the size at which an image enters the model.</summary>
/// <remarks>
/// Images of files, by path or bytes, are turned as their EXIF orientation says. Transparency is composited over white; grey becomes RGB.
/// An MLImage is taken as it is: ML.NET applies no orientation when it loads a file.
/// </remarks>
public abstract record LiteVaeImageInputOptions : LiteVaeTransformOptions
{
    private const long MaxPixelsInOnePiece = 4096 * 4096;

    private protected LiteVaeImageInputOptions()
    {
    }

    /// <summary>
    /// Width in pixels of every image in the model; null (default), together with <see cref="Height"/>, keeps each image's own size, padded to multiples of the model's downsampling factor (8)
    /// at the right and the bottom by repeating the edge.
    /// </summary>
    public int? Width { get; init; }

    /// <summary>Height in pixels of every image in the model; see <see cref="Width"/>.</summary>
    public int? Height { get; init; }

    /// <summary>How an image of another size gets to <see cref="Width"/> and <see cref="Height"/>. Default centre crop. Ignored without them.</summary>
    public ResizePolicy Resize { get; init; } = ResizePolicy.CenterCrop;

    /// <summary>
    /// Most pixels, width times height, of an image before it is resized; a larger one is a bad row, a file before it is decoded. 1 to 500 million. Null (default) is
    /// 16,777,216 (4096 x 4096) for images that go through the model at their own size in one piece, of which the encoder S takes about 0.4 GB a megapixel; and 100 million with
    /// <see cref="Width"/> and <see cref="Height"/>, or with <see cref="LiteVaeTransformOptions.TileSize"/>.
    /// </summary>
    public long? MaxPixels { get; init; }

    /// <summary>The size of the images in the model.</summary>
    internal ImageSizing Sizing => new(Width, Height, Resize, MaxPixels ?? (Width is null && TileSize is null ? MaxPixelsInOnePiece : ImageLimits.Default.MaxPixels));

    private protected override IEnumerable<string> Faults()
    {
        foreach (var fault in base.Faults().Concat(SizeFaults(Width, Height)))
        {
            yield return fault;
        }

        if (MaxPixels is < 1 or > ImageLimits.GreatestMaxPixels)
        {
            yield return $"MaxPixels is {MaxPixels}; allowed are 1 to {ImageLimits.GreatestMaxPixels}.";
        }

        if (!Enum.IsDefined(Resize))
        {
            yield return $"Resize is {Resize}; allowed are {string.Join(", ", Enum.GetNames<ResizePolicy>())}.";
        }
    }
}
