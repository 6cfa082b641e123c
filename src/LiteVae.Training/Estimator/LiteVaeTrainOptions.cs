namespace LiteVae.Training;

/// <summary>Options of <c>mlContext.LiteVae().Train</c>.</summary>
public sealed record LiteVaeTrainOptions
{
    /// <summary>
    /// How to train, and into which run folder (<see cref="LiteVaeTrainerOptions.Output"/>, which must be named). Its <see cref="LiteVaeTrainerOptions.Data"/> stays empty: the images come
    /// from the column.
    /// </summary>
    public LiteVaeTrainerOptions Trainer { get; init; } = new();

    /// <summary>
    /// What the trained model makes of images in the pipeline: size, kind of latent, scaling, batches. Its <see cref="LiteVaeTransformOptions.Model"/> stays null: it is the trained one.
    /// </summary>
    public LiteVaeEncodeOptions Encode { get; init; } = new();

    /// <summary>Told every <see cref="LiteVaeTrainerOptions.LogEvery"/> steps, as ML.NET's log is; null (default) for the log alone.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Stops the training after the step in progress, with a checkpoint: the same <c>Fit</c> goes on from there. Default none.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Checks every member.</summary>
    /// <exception cref="ArgumentException">Members are wrong; the message names all of them.</exception>
    public void Validate()
    {
        var faults = Faults().ToArray();
        if (faults.Length > 0)
        {
            throw new ArgumentException($"{nameof(LiteVaeTrainOptions)}: {string.Join(" ", faults)}");
        }
    }

    private IEnumerable<string> Faults()
    {
        if (Trainer.Data.Length > 0)
        {
            yield return $"Trainer.Data is '{Trainer.Data}'; leave it empty, the images come from the column.";
        }

        if (Encode.Model is not null)
        {
            yield return $"Encode.Model is '{Encode.Model}'; leave it null, the model is the trained one.";
        }

        foreach (var check in new Action[] { (Trainer with { Data = "column" }).Validate, Encode.Validate })
        {
            if (Fault(check) is { } fault)
            {
                yield return fault;
            }
        }
    }

    private static string? Fault(Action check)
    {
        try
        {
            check();
            return null;
        }
        catch (ArgumentException e)
        {
            return e.Message;
        }
    }
}
