namespace LiteVae.Training;

/// <summary>What batches of latents are made of.</summary>
public sealed record LatentBatchOptions
{
    /// <summary>Images a batch, at least 1. Default 64.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>What a batch holds. Default <see cref="LatentOutput.Sample"/>, which differs from epoch to epoch.</summary>
    public LatentOutput Output { get; init; } = LatentOutput.Sample;

    /// <summary>Whether (latent - shift) * factor is applied, as a diffusion model wants it. Default true. Not with <see cref="LatentOutput.Moments"/>, which are never scaled.</summary>
    public bool Scaled { get; init; } = true;

    /// <summary>Whether half of the images are mirrored, which the store must have. Default false.</summary>
    public bool Flip { get; init; }

    /// <summary>Seed of order, samples and mirroring. Default 0.</summary>
    public int Seed { get; init; }

    /// <summary>Shards among whose images the next one is drawn, 1 to 256. Default 16.</summary>
    public int ShardsAtOnce { get; init; } = ShuffledOrder.ShardsAtOnce;

    /// <summary><c>cpu</c> or <c>cuda:0</c>. Default <c>cpu</c>.</summary>
    public string Device { get; init; } = "cpu";

    internal void Validate()
    {
        var faults = new[]
        {
            (BatchSize >= 1, $"{nameof(BatchSize)} is {BatchSize}; at least 1 is needed."),
            (Enum.IsDefined(Output), $"{nameof(Output)} is {Output}; use {string.Join(", ", Enum.GetNames<LatentOutput>())}."),
            (ShardsAtOnce is >= 1 and <= OpenShards.Most, $"{nameof(ShardsAtOnce)} is {ShardsAtOnce}; allowed are 1 to {OpenShards.Most}."),
            (DeviceSelection.TryParse(Device, out _), $"{nameof(Device)} is '{Device}'; use cpu or cuda:0."),
        }.Where(check => !check.Item1).Select(check => check.Item2).ToList();
        if (faults.Count > 0)
        {
            throw new ArgumentException($"{nameof(LatentBatchOptions)}: {string.Join(" ", faults)}");
        }
    }
}
