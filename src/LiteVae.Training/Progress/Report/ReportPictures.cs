using System.Globalization;
using System.Net;
using System.Text;
using SkiaSharp;

namespace LiteVae.Training;

/// <summary>Pictures inside a page: a bounded number of them, each of bounded size.</summary>
internal sealed class ReportPictures
{
    private const int MaxEvenlySpread = 11;

    /// <summary>More than a <see cref="SamplePicture"/> has; larger ones are scaled down.</summary>
    private const int MaxPixels = 1024 * 256;

    /// <summary>High, and with all of the colour: the reader judges a reconstruction by it.</summary>
    private static readonly SKJpegEncoderOptions Jpeg = new(90, SKJpegEncoderDownsample.Downsample444, SKJpegEncoderAlphaOption.Ignore);

    private Dictionary<string, string> _encoded = [];

    /// <summary>Figures of the chosen pictures, newest first. A file that cannot be read is said to be so in its place.</summary>
    public string Render(IReadOnlyList<ReportPicture> pictures)
    {
        var chosen = Choose(pictures);
        // those of the time before need no second encoding; others are forgotten
        _encoded = chosen.DistinctBy(picture => picture.Path).ToDictionary(picture => picture.Path, picture => _encoded.GetValueOrDefault(picture.Path) ?? Encode(picture.Path));

        var html = new StringBuilder();
        foreach (var picture in chosen.Reverse())
        {
            var step = picture.Step.ToString("N0", CultureInfo.InvariantCulture);
            var content = _encoded[picture.Path] is { Length: > 0 } base64
                ? $"<img src=\"data:image/jpeg;base64,{base64}\" loading=\"lazy\" alt=\"Reconstructions at step {step}\">"
                : $"<p class=\"bad\">{WebUtility.HtmlEncode(Path.GetFileName(picture.Path))} cannot be read.</p>";
            html.Append($"<figure><figcaption>Step {step}</figcaption>{content}</figure>\n");
        }

        return html.ToString();
    }

    /// <summary>The first, every 2^n-th and the last: as the run goes on, most of the choice stays what it was.</summary>
    internal static IReadOnlyList<ReportPicture> Choose(IReadOnlyList<ReportPicture> pictures)
    {
        var stride = 1;
        while ((pictures.Count + stride - 1) / stride > MaxEvenlySpread)
        {
            stride *= 2;
        }

        return [.. pictures.Where((_, i) => i % stride == 0 || i == pictures.Count - 1)];
    }

    /// <summary>A file as base64 JPEG; empty where it cannot be read.</summary>
    private static string Encode(string path)
    {
        using var original = File.Exists(path) ? SKBitmap.Decode(path) : null;
        if (original is null)
        {
            return "";
        }

        var scale = Math.Min(1, Math.Sqrt(MaxPixels / ((double)original.Width * original.Height)));
        var size = new SKImageInfo(Math.Max(1, (int)(original.Width * scale)), Math.Max(1, (int)(original.Height * scale)));
        using var bitmap = scale < 1 ? original.Resize(size, SKFilterQuality.High) : original.Copy();
        using var pixels = bitmap?.PeekPixels();
        using var jpeg = pixels?.Encode(Jpeg);
        return jpeg is null ? "" : Convert.ToBase64String(jpeg.AsSpan());
    }
}
