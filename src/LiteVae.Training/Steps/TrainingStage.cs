namespace LiteVae.Training;

/// <summary>A part of a run with its own resolution, length and batch (LiteVAE Table 5: most steps at a low resolution, the last at the full one).</summary>
public sealed record TrainingStage
{
    /// <summary>Side of the square crops in pixels, a multiple of 8, 8 to 2048. Default 128.</summary>
    public int Resolution { get; init; } = 128;

    /// <summary>Optimiser steps, at least 1. Default 100,000.</summary>
    public int Steps { get; init; } = 100_000;

    /// <summary>Images a step, at least 1. Default 16.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>Weights of the losses.</summary>
    public LossWeights Losses { get; init; } = new();
}
