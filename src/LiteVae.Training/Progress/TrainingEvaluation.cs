namespace LiteVae.Training;

/// <summary>What an evaluation in the midst of a run found, with the averaged weights, and what each line of its <c>evaluation.jsonl</c> holds.</summary>
/// <param name="StepsDone">Steps done.</param>
/// <param name="Images">Held-out images evaluated.</param>
/// <param name="Unreadable">Held-out images that could not be read.</param>
/// <param name="Psnr">Mean of the images' PSNR in dB; null where every reconstruction is exact.</param>
/// <param name="Ssim">Mean of the images' SSIM.</param>
/// <param name="Lpips">Mean of the images' LPIPS; null where no weights for it are named.</param>
/// <param name="LatentDeviation">Standard deviation of all values of the posterior means.</param>
/// <param name="DeadChannels">Latent channels that tell nothing of the images.</param>
/// <param name="Kl">KL divergence, nats a latent value.</param>
/// <param name="PriorDistance">
/// How far the latents, shifted and scaled as one, are from N(0, I) (LiteVAE Table 6): the root of the biased MMD^2 with a Gaussian kernel, the mean over its widths 2, 5, 10 and 25;
/// null where the latents do not vary. A few hundredths are sampling noise.
/// </param>
/// <param name="ChannelMeans">Mean of each latent channel's posterior means.</param>
/// <param name="ChannelDeviations">Their standard deviation.</param>
public sealed record TrainingEvaluation(
    long StepsDone, int Images, int Unreadable, double? Psnr, double? Ssim, double? Lpips, double LatentDeviation, int DeadChannels, double? Kl, double? PriorDistance = null,
    IReadOnlyList<double>? ChannelMeans = null, IReadOnlyList<double>? ChannelDeviations = null)
{
    internal static TrainingEvaluation Of(long stepsDone, Evaluation found)
    {
        var latents = found.Latents;
        return new TrainingEvaluation(
            stepsDone, found.Images.Count, found.Unreadable, found.Psnr, found.Ssim, found.Lpips, latents.Deviation, latents.DeadChannels, latents.Kl,
            latents.PriorDistance?.Average(distance => Math.Sqrt(Math.Max(0, distance.MmdSquared))), [.. latents.Channels.Select(channel => channel.Mean)],
            [.. latents.Channels.Select(channel => channel.Deviation)]);
    }
}
