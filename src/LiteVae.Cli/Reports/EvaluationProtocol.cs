using System.Globalization;

namespace LiteVae.Cli.Reports;

/// <summary>How the numbers were measured: printed with every one of them.</summary>
internal static class EvaluationProtocol
{
    /// <summary>The protocol in one sentence a line of measurement.</summary>
    /// <param name="size">Side of the centre crops, or null for images at their own size.</param>
    public static string Describe(int? size) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        RGB; {(size is null ? "native size" : $"short side to {size} by antialiased bicubic, centre crop {size} x {size}")}; posterior mean; output clamped and rounded to 8 bits.
        PSNR: an image, peak 255; mean of the images' dB (an exact reconstruction has none and is left out).
        SSIM: Gaussian window 11, sigma 1.5, K 0.01 and 0.03, no borders, mean of the three channels, mean of the images (one with a side under 11 has none).
        """).ReplaceLineEndings(" ");
}
