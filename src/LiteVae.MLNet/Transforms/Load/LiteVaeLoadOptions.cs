namespace LiteVae;

/// <summary>Options of <c>mlContext.Data.LoadLatents</c>.</summary>
public sealed record LiteVaeLoadOptions
{
    /// <summary>What the column <c>Latent</c> holds. Default <see cref="LatentOutput.Mean"/>.</summary>
    public LatentOutput Output { get; init; } = LatentOutput.Mean;

    /// <summary>Seed of the samples, with <see cref="LatentOutput.Sample"/>: the same seed gives an image the same sample, in whatever order the images are read. Default 0.</summary>
    public long Seed { get; init; }

    /// <summary>Whether (latent - shift) * factor is applied, with the scaling of the model that made the store. Default false. Not with <see cref="LatentOutput.Moments"/>.</summary>
    public bool Scaled { get; init; }

    /// <summary>Whether the mirrored images are read, which the store must have. Default false.</summary>
    public bool Flipped { get; init; }

    /// <summary>What is expected of the store.</summary>
    public LatentStoreOptions Store { get; init; } = new();

    /// <summary>Checks every member.</summary>
    /// <exception cref="ArgumentException">A member is wrong.</exception>
    public void Validate()
    {
        if (!Enum.IsDefined(Output))
        {
            throw new ArgumentException($"{nameof(Output)} is {Output}; use {string.Join(", ", Enum.GetNames<LatentOutput>())}.");
        }

        if (Scaled && Output == LatentOutput.Moments)
        {
            throw new ArgumentException($"{nameof(Scaled)} is true with {nameof(Output)} {nameof(LatentOutput.Moments)}: moments are not scaled; take Mean or Sample.");
        }
    }
}
