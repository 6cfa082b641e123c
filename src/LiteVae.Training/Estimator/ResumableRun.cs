namespace LiteVae.Training;

/// <summary>Whether a run folder may be gone on with: the same command again must not mix two trainings.</summary>
internal static class ResumableRun
{
    /// <summary>Refuses a run folder whose run was started with other options that decide what is learned.</summary>
    /// <exception cref="InvalidOperationException">It was.</exception>
    public static void Require(LiteVaeTrainerOptions options)
    {
        var path = Path.Combine(options.Output, "options.json");
        if (new CheckpointFolder(options.Output).Newest() is null || !File.Exists(path))
        {
            return;
        }

        var started = LiteVaeTrainerOptions.Parse(File.ReadAllText(path), path);
        if (Decisive(started, options) != Decisive(options, options))
        {
            throw new InvalidOperationException($"{options.Output} holds a run with other options (see {path}): name another run folder, or delete this one to train anew.");
        }
    }

    // As text, since records compare their lists by reference. The device, the rhythm of logs and checkpoints, and the learning rate, which is lowered after a divergence, may change.
    private static string Decisive(LiteVaeTrainerOptions options, LiteVaeTrainerOptions other) => (options with
    {
        Data = other.Data,
        Output = other.Output,
        Device = other.Device,
        LearningRate = other.LearningRate,
        CheckpointEvery = other.CheckpointEvery,
        KeepCheckpoints = other.KeepCheckpoints,
        LogEvery = other.LogEvery,
        SampleEvery = other.SampleEvery,
    }).ToJson();
}
