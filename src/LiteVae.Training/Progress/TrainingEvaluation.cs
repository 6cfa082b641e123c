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
public sealed record TrainingEvaluation(
    long StepsDone, int Images, int Unreadable, double? Psnr, double? Ssim, double? Lpips, double LatentDeviation, int DeadChannels, double? Kl);
