namespace LiteVae;

/// <summary>Options of <c>LiteVaeEncode</c>: image column -> latent column. A size must be of multiples of the model's downsampling factor (8); without one the vectors are of variable size.</summary>
public sealed record LiteVaeEncodeOptions : LiteVaeImageInputOptions
{
    /// <summary>What the column holds. Default the mean.</summary>
    public LatentOutput Output { get; init; } = LatentOutput.Mean;

    /// <summary>Seed of the samples, default 0. Ignored unless <see cref="Output"/> is <see cref="LatentOutput.Sample"/>.</summary>
    public long Seed { get; init; }

    /// <summary>
    /// Name of a column of texts or whole numbers, for example the path, that makes a row's sample its own: the same (seed, key) gives the same sample, in whatever order, batch or
    /// run. Null (default) takes ML.NET's row id, the row's number in its source. Ignored unless <see cref="Output"/> is <see cref="LatentOutput.Sample"/>.
    /// </summary>
    public string? SampleKeyColumn { get; init; }

    /// <summary>The key column where samples are drawn.</summary>
    internal string? UsedKeyColumn => Output == LatentOutput.Sample ? SampleKeyColumn : null;

    /// <summary>Whether the column holds scaled latents, (latent - shift) * factor; default false. The column's annotations record it.</summary>
    public bool ApplyScaling { get; init; }

    internal override void RequireFit(LiteVaeConfig config)
    {
        base.RequireFit(config);
        RequireMultiples(Width, Height, config);
        if (config.EncoderOutput == EncoderOutput.Latent && Output != LatentOutput.Mean)
        {
            throw new ArgumentException(
                $"{nameof(LiteVaeEncodeOptions)}: Output is {Output}; the encoder of the model '{config.Name}' emits plain latents, without the variance that this needs. Take {nameof(LatentOutput.Mean)}.");
        }
    }

    private protected override IEnumerable<string> Faults()
    {
        foreach (var fault in base.Faults())
        {
            yield return fault;
        }

        if (!Enum.IsDefined(Output))
        {
            yield return $"Output is {Output}; allowed are {string.Join(", ", Enum.GetNames<LatentOutput>())}.";
        }

        if (SampleKeyColumn is "")
        {
            yield return "SampleKeyColumn is empty; give a name, or null for the row ids.";
        }

        if (ApplyScaling && Output == LatentOutput.Moments)
        {
            yield return "ApplyScaling is set and Output is Moments; moments are never scaled.";
        }
    }
}
