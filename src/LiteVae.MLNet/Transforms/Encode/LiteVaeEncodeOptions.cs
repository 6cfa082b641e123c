namespace LiteVae;

/// <summary>Options of <c>LiteVaeEncode</c>: image column -> latent column.</summary>
public sealed record LiteVaeEncodeOptions : LiteVaeTransformOptions
{
    /// <summary>
    /// Width in pixels at which every image is encoded, a multiple of 8; null (default), together with <see cref="Height"/>, encodes each image at its own
    /// size, padded to multiples of 8 at the right and the bottom by repeating the edge, into a vector of variable size.
    /// </summary>
    public int? Width { get; init; }

    /// <summary>Height in pixels at which every image is encoded, a multiple of 8; see <see cref="Width"/>.</summary>
    public int? Height { get; init; }

    /// <summary>How an image of another size gets to <see cref="Width"/> and <see cref="Height"/>. Default centre crop. Ignored without them.</summary>
    public ResizePolicy Resize { get; init; } = ResizePolicy.CenterCrop;

    /// <summary>
    /// Most pixels, width times height, of an image encoded at its own size; a larger one is a bad row. 1 to 500 million, default 16,777,216
    /// (4096 x 4096). Model S takes 0.25 to 0.3 GB a megapixel. Ignored with <see cref="Width"/> and <see cref="Height"/>.
    /// </summary>
    public long MaxPixels { get; init; } = DefaultMaxPixels;

    /// <summary>What the column holds. Default the mean.</summary>
    public LatentOutput Output { get; init; } = LatentOutput.Mean;

    /// <summary>Seed of the samples, default 0. Ignored unless <see cref="Output"/> is <see cref="LatentOutput.Sample"/>.</summary>
    public long Seed { get; init; }

    /// <summary>Whether the column holds scaled latents, (latent - shift) * factor; default false. The column's annotations record it.</summary>
    public bool ApplyScaling { get; init; }

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

        if (!Enum.IsDefined(Output))
        {
            yield return $"Output is {Output}; allowed are {string.Join(", ", Enum.GetNames<LatentOutput>())}.";
        }

        if (ApplyScaling && Output == LatentOutput.Moments)
        {
            yield return "ApplyScaling is set and Output is Moments; moments are never scaled.";
        }
    }
}
