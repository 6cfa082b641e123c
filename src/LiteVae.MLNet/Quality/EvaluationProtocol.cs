using System.Globalization;

namespace LiteVae;

/// <summary>How the numbers were measured: printed with every one of them.</summary>
internal static class EvaluationProtocol
{
    private const string Latents =
        "Latents: posterior means, unscaled; KL from N(0, I) in nats a value; a channel is dead where its mean varies by under 1% of the posterior's own variance, or its deviation is at most 1% of the greatest; "
        + "MMD^2, biased, kernel exp(-d^2 / 2 sigma^2), between the means' vectors at up to 2,048 random positions, brought to mean 0 and deviation 1 over all values, and as many draws of N(0, I).";

    /// <summary>The protocol in one sentence a line of measurement.</summary>
    /// <param name="size">Side of the centre crops, or null for images at their own size.</param>
    /// <param name="hasLatents">Whether the latents are looked at, too.</param>
    /// <param name="more">Further sentences, or null for none.</param>
    public static string Describe(int? size, bool hasLatents = false, string? more = null) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        RGB; {(size is null ? "native size" : $"short side to {size} by antialiased bicubic, centre crop {size} x {size}")}; posterior mean; output clamped and rounded to 8 bits.
        PSNR: an image, peak 255; mean of the images' dB (an exact reconstruction has none and is left out).
        SSIM: Gaussian window 11, sigma 1.5, K 0.01 and 0.03, no borders, mean of the three channels, mean of the images (one with a side under 11 has none).
        """).ReplaceLineEndings(" ") + (more is null ? "" : $" {more}") + (hasLatents ? $" {Latents}" : "");

    /// <summary>The sentence on LPIPS.</summary>
    /// <param name="net">Its backbone.</param>
    public static string Lpips(string net) => $"LPIPS: v0.1 with {net}, the 8-bit images in [-1, 1], mean of the images.";
}
