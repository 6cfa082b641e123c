namespace LiteVae.Training;

/// <summary>Steps whose losses nobody has read yet: a GPU may be several steps behind.</summary>
internal sealed class UnreadMeasures(GradientSync sync, LiteVaeNetwork network)
{
    private readonly List<(StepMeasures Measures, LossOptions Losses)> _steps = [];

    /// <summary>Takes a step's measures over.</summary>
    public void Add(StepMeasures measures, LossOptions losses) => _steps.Add((measures, losses));

    /// <summary>Waits for the steps, looks at every one of them, and returns the latest one's losses, and how many they are.</summary>
    /// <exception cref="TrainingDivergedException">One is not finite.</exception>
    public (StepLosses Latest, int Steps) Read()
    {
        StepLosses? latest = null;
        foreach (var (measures, losses) in _steps)
        {
            latest = measures.Read(sync, losses);
            NanGuard.Check(latest, network);
        }

        _steps.ForEach(step => step.Measures.Dispose());
        var count = _steps.Count;
        _steps.Clear();
        return (latest!, count);
    }
}
