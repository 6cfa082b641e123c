namespace LiteVae;

/// <summary>Options of <c>LiteVaeDecode</c>: latent column -> column of images or of pixels.</summary>
public sealed record LiteVaeDecodeOptions : LiteVaeTransformOptions
{
    /// <summary>
    /// Width of the images in pixels, a multiple of the model's downsampling factor f. Null (default), together with <see cref="Height"/>: taken from the column's type, which then
    /// must be a vector of shape [nz, H / f, W / f].
    /// </summary>
    public int? Width { get; init; }

    /// <summary>Height of the images in pixels, a multiple of f; see <see cref="Width"/>.</summary>
    public int? Height { get; init; }

    /// <summary>What the output column holds. Default images.</summary>
    public DecodedOutput Output { get; init; }

    /// <summary>
    /// Whether the column holds scaled latents, (latent - shift) * factor. Null (default): as the column's annotations say, and unscaled where they say nothing.
    /// </summary>
    public bool? ScaledLatents { get; init; }

    internal override void RequireFit(LiteVaeConfig config)
    {
        base.RequireFit(config);
        RequireMultiples(Width, Height, config);
    }

    private protected override IEnumerable<string> Faults()
    {
        foreach (var fault in base.Faults().Concat(SizeFaults(Width, Height)))
        {
            yield return fault;
        }

        if (!Enum.IsDefined(Output))
        {
            yield return $"Output is {Output}; allowed are {string.Join(" and ", Enum.GetNames<DecodedOutput>())}.";
        }
    }
}
