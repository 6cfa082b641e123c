namespace LiteVae.Training;

/// <summary>A curve of a run.</summary>
/// <typeparam name="T">The lines that it is drawn from.</typeparam>
/// <param name="Group">What it belongs to.</param>
/// <param name="Name">Its name in the group.</param>
/// <param name="Unit">What its values are in; empty for plain numbers.</param>
/// <param name="Of">Its value in a line; null where there is none.</param>
internal sealed record RunCurve<T>(string Group, string Name, string Unit, Func<T, double?> Of);

/// <summary>The curves that a run draws, the same in TensorBoard and in the report.</summary>
internal static class RunCurves
{
    /// <summary>Those of the log.</summary>
    public static readonly IReadOnlyList<RunCurve<TrainingProgress>> Log =
    [
        new("loss", "total", "", line => line.Losses.Total),
        new("loss", "reconstruction", "", line => line.Losses.Reconstruction),
        new("loss", "KL", "nats", line => line.Losses.Kl),
        new("loss", "wavelet", "", line => line.Losses.Wavelet),
        new("loss", "Gaussian", "", line => line.Losses.Gaussian),
        new("loss", "LPIPS", "", line => line.Losses.Lpips),
        new("loss", "VGG features", "", line => line.Losses.VggFeatures),
        new("loss", "adversarial", "", line => line.Losses.Adversarial),
        new("loss", "discriminator", "", line => line.Losses.Discriminator),
        new("training", "PSNR", "dB", line => line.Losses.Psnr),
        new("training", "gradient norm", "", line => line.Losses.GradientNorm),
        new("training", "discriminator's gradient norm", "", line => line.Losses.DiscriminatorGradientNorm),
        new("training", "learning rate", "", line => line.Losses.LearningRate),
        new("speed", "images per second", "1/s", line => line.ImagesPerSecond),
        new("speed", "share of waiting for images", "", line => line.WaitShare),
    ];

    /// <summary>Those of the evaluations on held-out images.</summary>
    public static readonly IReadOnlyList<RunCurve<TrainingEvaluation>> Evaluation =
    [
        new("evaluation", "PSNR", "dB", found => found.Psnr),
        new("evaluation", "SSIM", "", found => found.Ssim),
        new("evaluation", "LPIPS", "", found => found.Lpips),
        new("latents", "deviation", "", found => found.LatentDeviation),
        new("latents", "dead channels", "", found => found.DeadChannels),
        new("latents", "KL", "nats", found => found.Kl),
        new("latents", "distance from N(0, I)", "", found => found.PriorDistance),
        new("latents", "least deviation of a channel", "", found => found.ChannelDeviations?.Min()),
        new("latents", "greatest deviation of a channel", "", found => found.ChannelDeviations?.Max()),
        new("latents", "greatest mean of a channel, absolute", "", found => found.ChannelMeans?.Max(Math.Abs)),
    ];
}
