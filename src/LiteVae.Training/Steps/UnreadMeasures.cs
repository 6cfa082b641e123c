namespace LiteVae.Training;

/// <summary>Steps whose losses nobody has read yet: a GPU may be several steps behind.</summary>
internal sealed class UnreadMeasures(GradientSync sync, TrainingState state)
{
    private readonly List<StepMeasures> _steps = [];

    /// <summary>Takes a step's measures over.</summary>
    public void Add(StepMeasures measures) => _steps.Add(measures);

    /// <summary>Waits for the steps, looks at every one of them, and returns their losses, in order.</summary>
    /// <exception cref="TrainingDivergedException">One is not finite.</exception>
    public IReadOnlyList<(StepLosses Losses, TrainingStage Stage)> Read()
    {
        try
        {
            var read = new List<(StepLosses, TrainingStage)>();
            foreach (var measures in _steps)
            {
                var losses = measures.Read(sync);
                NanGuard.Check(losses, state);
                read.Add((losses, measures.Stage));
            }

            return read;
        }
        finally
        {
            _steps.ForEach(measures => measures.Dispose());
            _steps.Clear();
        }
    }
}
