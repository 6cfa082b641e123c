namespace LiteVae.Training;

/// <summary>A part of a run with its own resolution, length, batch and losses (LiteVAE Table 5: most steps at a low resolution, the last at the full one).</summary>
public sealed record TrainingStage
{
    private const int LargestResolution = 2048;

    /// <summary>Side of the square crops in pixels, a multiple of 8, 8 to 2048. Default 128.</summary>
    public int Resolution { get; init; } = 128;

    /// <summary>Optimiser steps, at least 1. Default 100,000.</summary>
    public int Steps { get; init; } = 100_000;

    /// <summary>Images a step, over all processes, at least 1. Default 16.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>Parts that a process computes its images of a step in, one after another, so that less memory is needed; it must divide their number. Default 1.</summary>
    public int Accumulation { get; init; } = 1;

    /// <summary>How crops are taken. Default <see cref="CropKind.Plain"/>.</summary>
    public CropKind Crop { get; init; } = CropKind.Plain;

    /// <summary>Whether half of the crops are mirrored. Default true.</summary>
    public bool Flip { get; init; } = true;

    /// <summary>The learning rate over this stage alone; null, the default, where the run's goes on.</summary>
    public LearningRateSchedule? LearningRate { get; init; }

    /// <summary>The losses and their weights.</summary>
    public LossOptions Losses { get; init; } = new();

    internal IEnumerable<string> Faults()
    {
        if (Resolution is < 8 or > LargestResolution || Resolution % 8 != 0)
        {
            yield return $"{nameof(Resolution)} is {Resolution}; allowed are multiples of 8 from 8 to {LargestResolution}.";
        }

        foreach (var (name, value) in new[] { (nameof(Steps), Steps), (nameof(BatchSize), BatchSize), (nameof(Accumulation), Accumulation) })
        {
            if (value < 1)
            {
                yield return $"{name} is {value}; at least 1 is needed.";
            }
        }

        if (!Enum.IsDefined(Crop))
        {
            yield return $"{nameof(Crop)} is {Crop}; use {string.Join(" or ", Enum.GetNames<CropKind>())}.";
        }

        foreach (var fault in Losses.Faults())
        {
            yield return $"{nameof(Losses)}.{fault}";
        }

        foreach (var fault in LearningRate?.Faults() ?? [])
        {
            yield return $"{nameof(LearningRate)}.{fault}";
        }
    }
}
