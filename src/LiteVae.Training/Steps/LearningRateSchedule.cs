namespace LiteVae.Training;

/// <summary>How the learning rate moves over a run or a stage.</summary>
public sealed record LearningRateSchedule
{
    /// <summary>The highest learning rate. Default 1e-4, the paper's.</summary>
    public double Peak { get; init; } = 1e-4;

    /// <summary>Steps of linear warm-up from 0. Default 0.</summary>
    public int WarmupSteps { get; init; }

    /// <summary>Share of the peak that a cosine decay ends at; 1 keeps the rate constant. 0 to 1, default 1.</summary>
    public double FinalShare { get; init; } = 1;

    /// <summary>The learning rate of a step.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <param name="totalSteps">Steps of the whole run or stage.</param>
    public double At(long step, long totalSteps)
    {
        if (step < WarmupSteps)
        {
            return Peak * (step + 1) / WarmupSteps;
        }

        var progress = (double)(step - WarmupSteps) / Math.Max(1, totalSteps - WarmupSteps);
        var cosine = (1 + Math.Cos(Math.PI * Math.Min(1, progress))) / 2;
        return Peak * (FinalShare + ((1 - FinalShare) * cosine));
    }

    internal IEnumerable<string> Faults()
    {
        if (!(double.IsFinite(Peak) && Peak > 0))
        {
            yield return $"{nameof(Peak)} is {Peak}; it must be more than 0.";
        }

        if (WarmupSteps < 0)
        {
            yield return $"{nameof(WarmupSteps)} is {WarmupSteps}; it must be 0 or more.";
        }

        if (FinalShare is not (>= 0 and <= 1))
        {
            yield return $"{nameof(FinalShare)} is {FinalShare}; allowed are 0 to 1.";
        }
    }
}
