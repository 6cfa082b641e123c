using System.Globalization;

namespace LiteVae;

/// <summary>An image, what a model made of it and where the two differ, as a page holds them.</summary>
/// <param name="Name">The image's name.</param>
/// <param name="Numbers">What was measured, for a reader.</param>
/// <param name="Width">Width of the image itself.</param>
/// <param name="Height">Height of the image itself.</param>
/// <param name="Input">The image, a preview in base64.</param>
/// <param name="Output">The reconstruction, likewise.</param>
/// <param name="Error">Their <see cref="ErrorMap"/>, made before it was scaled.</param>
internal sealed record ImageComparison(string Name, string Numbers, int Width, int Height, string Input, string Output, string Error)
{
    /// <summary>Compares two images of the same size.</summary>
    public static ImageComparison Of(string name, ImageScore score, double? lpips, RgbImage input, RgbImage output) => new(
        name, Describe(score, lpips), input.Width, input.Height, PreviewImage.Encode(input), PreviewImage.Encode(output), PreviewImage.EncodeMap(ErrorMap.Of(input, output)));

    private static string Describe(ImageScore score, double? lpips)
    {
        string[] measured = [score.Psnr is null ? "exact" : Number("PSNR", score.Psnr, "0.00 dB"), Number("SSIM", score.Ssim, "0.0000"), Number("LPIPS", lpips, "0.0000")];
        return string.Join(", ", measured.Where(number => number.Length > 0));

        static string Number(string name, double? value, string format) => value is null ? "" : $"{name} {value.Value.ToString(format, CultureInfo.InvariantCulture)}";
    }
}
