using System.Globalization;

namespace LiteVae.Training;

/// <summary>What the model of a run says about itself: its config, and its card.</summary>
internal static class RunExport
{
    /// <summary>The config of a model, with the scaling that makes the measured latents zero mean and unit variance.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="architecture">Its architecture.</param>
    /// <param name="latents">What was measured; null, or latents that are all the same, leave factor 1 and shift 0.</param>
    public static LiteVaeConfig Config(string name, LiteVaeArchitecture architecture, LatentStatistics? latents = null)
    {
        var config = new LiteVaeConfig { Name = name, LatentChannels = architecture.LatentChannels, Architecture = architecture };
        return latents is { Deviation: > 0 }
            ? config with { ScalingFactor = 1 / latents.Deviation, ShiftFactor = latents.Mean, LatentsMean = latents.Means, LatentsStd = latents.Deviations }
            : config;
    }

    /// <summary>How a model was trained, for its card.</summary>
    public static string Describe(LiteVaeTrainerOptions options, long step)
    {
        var stages = options.Stages.Select(stage => string.Create(
            CultureInfo.InvariantCulture, $"{stage.Steps:N0} steps of {stage.BatchSize} crops of {stage.Resolution} x {stage.Resolution} ({Describe(stage.Losses)})"));
        var average = options.EmaWidth is { } width ? FormattableString.Invariant($"power-function average of width {width}") : FormattableString.Invariant($"moving average of decay {options.EmaDecay}");
        var start = options.StartFrom is { } model ? $", from the weights of {Path.GetFileName(Path.TrimEndingDirectorySeparator(model))}" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{step:N0} of {options.TotalSteps:N0} steps{start}: {string.Join(", then ", stages)}. {(options.WeightDecay > 0 ? "AdamW" : "Adam")}, learning rate {options.LearningRate.Peak:G3}; the weights are a {average}.");
    }

    private static string Describe(LossOptions losses) => string.Join(", ", new (string Name, double Weight)[]
    {
        (losses.ReconstructionKind.ToString(), losses.Reconstruction), ("KL", losses.Kl), ("wavelet", losses.Wavelet), ("Gaussian", losses.Gaussian), ("LPIPS", losses.Lpips),
        ("VGG features", losses.VggFeatures), ("adversarial", losses.Adversarial),
    }.Where(loss => loss.Weight > 0).Select(loss => FormattableString.Invariant($"{loss.Name} {loss.Weight}")));
}
