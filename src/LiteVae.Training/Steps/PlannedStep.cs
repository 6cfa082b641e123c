namespace LiteVae.Training;

/// <summary>A step of a run: what it is, follows from the options alone.</summary>
/// <param name="Step">Its number in the run, from 0.</param>
/// <param name="Stage">Its stage.</param>
/// <param name="StepOfStage">Its number in the stage, from 0.</param>
/// <param name="FirstSample">Number of its first training sample in the run.</param>
internal readonly record struct PlannedStep(long Step, TrainingStage Stage, long StepOfStage, long FirstSample)
{
    /// <summary>Whether the discriminator plays.</summary>
    public bool HasAdversary => Stage.Losses.AdversarialAt(StepOfStage) is not null;

    /// <summary>All steps of a run, in order.</summary>
    public static IEnumerable<PlannedStep> Plan(LiteVaeTrainerOptions options)
    {
        var (step, sample) = (0L, 0L);
        foreach (var stage in options.Stages)
        {
            for (var i = 0; i < stage.Steps; i++)
            {
                yield return new PlannedStep(step++, stage, i, sample);
                sample += stage.BatchSize;
            }
        }
    }

    /// <summary>The learning rate: the stage's own schedule, or else the run's.</summary>
    public double LearningRate(LiteVaeTrainerOptions options) => Stage.LearningRate is { } own ? own.At(StepOfStage, Stage.Steps) : options.LearningRate.At(Step, options.TotalSteps);
}
