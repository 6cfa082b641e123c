namespace LiteVae.Training;

/// <summary>A loss or a gradient is not finite: training cannot go on.</summary>
/// <param name="step">Number of the step, from 0.</param>
/// <param name="reason">What is not finite, and what to do.</param>
public sealed class TrainingDivergedException(long step, string reason) : Exception($"Step {step}: {reason}")
{
    /// <summary>Number of the step, from 0.</summary>
    public long Step { get; } = step;

    /// <summary>What is not finite, in which tensor, and what to do.</summary>
    public string Reason { get; } = reason;
}
