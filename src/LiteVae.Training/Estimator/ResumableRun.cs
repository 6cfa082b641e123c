using System.Text.Json.Nodes;

namespace LiteVae.Training;

/// <summary>Whether a run folder may be gone on with: the same fit again must not mix two trainings.</summary>
internal static class ResumableRun
{
    // Where and how often something is written changes no weight.
    private static readonly string[] Free =
    [
        nameof(LiteVaeTrainerOptions.Data), nameof(LiteVaeTrainerOptions.Output), nameof(LiteVaeTrainerOptions.Device), nameof(LiteVaeTrainerOptions.CheckpointEvery),
        nameof(LiteVaeTrainerOptions.KeepCheckpoints), nameof(LiteVaeTrainerOptions.LogEvery), nameof(LiteVaeTrainerOptions.SampleEvery), nameof(LiteVaeTrainerOptions.Evaluation),
    ];

    /// <summary>Refuses a run folder whose run had other options. The learning rate may change until the run is finished: it is lowered after a divergence.</summary>
    /// <exception cref="InvalidOperationException">It had; the message names them.</exception>
    public static void Require(LiteVaeTrainerOptions options)
    {
        var checkpoints = new CheckpointFolder(options.Output);
        var path = Path.Combine(options.Output, "options.json");
        if (checkpoints.Newest() is not { } newest || !File.Exists(path))
        {
            return;
        }

        var (before, now) = (Tree(LiteVaeTrainerOptions.Parse(File.ReadAllText(path), path)), Tree(options));
        string[] free = Free;
        if (newest != checkpoints.PathOf(options.TotalSteps))
        {
            free = [.. Free, nameof(LiteVaeTrainerOptions.LearningRate)];
            ClearStageRates(before);
            ClearStageRates(now);
        }

        var different = now.Select(option => option.Key).Except(free).Where(name => !JsonNode.DeepEquals(before[name], now[name])).ToList();
        if (different.Count > 0)
        {
            throw new InvalidOperationException(
                $"{options.Output} holds a run with another {string.Join(", ", different)} (see {path}): name another run folder, or delete this one to train anew.");
        }

        static void ClearStageRates(JsonObject options)
        {
            foreach (var stage in options[nameof(LiteVaeTrainerOptions.Stages)]!.AsArray())
            {
                stage!.AsObject().Remove(nameof(TrainingStage.LearningRate));
            }
        }

        static JsonObject Tree(LiteVaeTrainerOptions options) => JsonNode.Parse(options.ToJson())!.AsObject();
    }
}
