namespace LiteVae;

/// <summary>What <see cref="LatentDiagnostics"/> found.</summary>
/// <param name="Images">Images looked at.</param>
/// <param name="Mean">Mean of all values of the posterior means.</param>
/// <param name="Deviation">Their standard deviation about <paramref name="Mean"/>.</param>
/// <param name="DeadChannels">How many channels are dead.</param>
/// <param name="Kl">Divergence from the standard normal in nats, the mean of all values; null where the encoder emits no variances.</param>
/// <param name="Channels">Each channel.</param>
/// <param name="PriorDistance">
/// Distance from N(0, I) at several widths of the kernel; null where the latents do not vary. The vectors are the posterior means at the positions of a latent, shifted and scaled to
/// mean 0 and deviation 1 over all values, a sample of <paramref name="Vectors"/> positions with a fixed seed against as many draws of N(0, I).
/// </param>
/// <param name="Vectors">Vectors on each side; figures of different numbers of them cannot be compared.</param>
internal sealed record LatentReport(
    long Images, double Mean, double Deviation, int DeadChannels, double? Kl, IReadOnlyList<LatentChannel> Channels, IReadOnlyList<LatentDistance>? PriorDistance, int Vectors);

/// <summary>One channel of the latent.</summary>
/// <param name="Mean">Mean of its posterior means.</param>
/// <param name="Deviation">Their standard deviation over images and positions.</param>
/// <param name="Kl">Divergence from the standard normal in nats, the mean of the channel's values; null where the encoder emits no variances.</param>
/// <param name="IsDead">
/// Whether it tells nothing of the images: its posterior mean varies by under 1% of the posterior's own variance, or its deviation is at most 1% of the greatest channel's.
/// </param>
internal sealed record LatentChannel(double Mean, double Deviation, double? Kl, bool IsDead);

/// <summary>A distance from the prior.</summary>
/// <param name="Sigma">Width of the kernel.</param>
/// <param name="MmdSquared">Biased MMD^2.</param>
internal sealed record LatentDistance(double Sigma, double MmdSquared);
