namespace LiteVae.Training;

/// <summary>What a run reports every few steps, and what each line of its <c>log.jsonl</c> holds.</summary>
/// <param name="Losses">The latest step's losses.</param>
/// <param name="StepsDone">Steps done.</param>
/// <param name="TotalSteps">Steps of the whole run.</param>
/// <param name="ImagesPerSecond">Images trained on a second since the last report.</param>
/// <param name="WaitShare">Share of that time spent waiting for images, 0 to 1.</param>
/// <param name="SecondsLeft">Estimate for the rest of the run, from the latest speed.</param>
/// <param name="FailedImages">Training images that could not be read so far.</param>
/// <param name="Evaluation">The latest evaluation on held-out images; null before the first.</param>
public sealed record TrainingProgress(
    StepLosses Losses, long StepsDone, long TotalSteps, double ImagesPerSecond, double WaitShare, double SecondsLeft, int FailedImages, TrainingEvaluation? Evaluation = null);
