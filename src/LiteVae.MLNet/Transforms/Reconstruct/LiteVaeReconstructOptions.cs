namespace LiteVae;

/// <summary>Options of <c>LiteVaeReconstruct</c>: image column -> column of what the autoencoder makes of it.</summary>
public sealed record LiteVaeReconstructOptions : LiteVaeImageInputOptions
{
    /// <summary>
    /// Name of a column for the peak signal-to-noise ratio in dB between the image, after resizing, and its reconstruction; null (default) for no such column.
    /// A low value marks an image unlike those the model knows.
    /// </summary>
    public string? PsnrColumn { get; init; }

    /// <summary>As <see cref="PsnrColumn"/>, for the structural similarity, at most 1. NaN for images with a side below 11 pixels.</summary>
    public string? SsimColumn { get; init; }

    private protected override IEnumerable<string> Faults()
    {
        foreach (var fault in base.Faults())
        {
            yield return fault;
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
