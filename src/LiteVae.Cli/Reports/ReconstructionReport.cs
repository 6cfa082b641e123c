using System.Globalization;
using System.Net;
using System.Text;
using LiteVae.Cli.Commands;

namespace LiteVae.Cli.Reports;

/// <summary>One image of a report.</summary>
/// <param name="Key">What names it.</param>
/// <param name="Picture">Its comparison picture, relative to the report, with '/'.</param>
/// <param name="Width">Its width, as measured.</param>
/// <param name="Height">Its height, as measured.</param>
/// <param name="Psnr">In dB; null for an exact reconstruction.</param>
/// <param name="Ssim">Null where a side is under 11 pixels.</param>
internal sealed record ReconstructedImage(string Key, string Picture, int Width, int Height, double? Psnr, double? Ssim);

/// <summary>What <c>litevae reconstruct</c> found, as JSON, as a web page and in a line.</summary>
internal sealed record ReconstructionReport(
    string Model, string EncoderSha256, string Protocol, IReadOnlyList<ReconstructedImage> Images, IReadOnlyList<InputFailure> Failures, int NotReached)
{
    // Enumerable.Average of nullable values passes over null, and is null where there is nothing else
    private double? Psnr => Images.Average(image => image.Psnr);

    private double? Ssim => Images.Average(image => image.Ssim);

    /// <summary>The JSON object.</summary>
    public object ToJson() => new
    {
        model = Model,
        encoder_sha256 = EncoderSha256,
        protocol = Protocol,
        images = Images.Count,
        psnr = Psnr,
        ssim = Ssim,
        error_gain = ComparisonPicture.ErrorGain,
        not_reached = NotReached,
        per_image = Images,
        failures = Failures,
    };

    /// <summary>The result in a line.</summary>
    public string Summary() =>
        $"{Model}: {Images.Count} images, PSNR {Show(Psnr, "0.00")} dB, SSIM {Show(Ssim, "0.0000")}{(Failures.Count > 0 ? $"; {Failures.Count} failed" : "")}";

    /// <summary>The page: one file without scripts or styles from elsewhere, pictures by relative links.</summary>
    public string ToHtml()
    {
        using var stream = typeof(ReconstructionReport).Assembly.GetManifestResourceStream("reconstruction.html")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd()
            .Replace("{{model}}", WebUtility.HtmlEncode(Model), StringComparison.Ordinal)
            .Replace("{{encoder}}", WebUtility.HtmlEncode(EncoderSha256), StringComparison.Ordinal)
            .Replace("{{protocol}}", WebUtility.HtmlEncode(Protocol), StringComparison.Ordinal)
            .Replace("{{count}}", Images.Count.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{{psnr}}", Show(Psnr, "0.00"), StringComparison.Ordinal)
            .Replace("{{ssim}}", Show(Ssim, "0.0000"), StringComparison.Ordinal)
            .Replace("{{gain}}", ComparisonPicture.ErrorGain.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{{failures}}", FailureList(), StringComparison.Ordinal)
            .Replace("{{rows}}", Rows(), StringComparison.Ordinal); // last: a file's name may look like a place to fill in
    }

    private string Rows()
    {
        var html = new StringBuilder();

        // The worst first: that is what one opens a report for.
        foreach (var image in Images.OrderBy(image => image.Psnr ?? double.PositiveInfinity))
        {
            var (link, name) = (string.Join('/', image.Picture.Split('/').Select(Uri.EscapeDataString)), WebUtility.HtmlEncode(image.Key));
            html.Append(CultureInfo.InvariantCulture, $"""
                <tr><td class="picture"><a href="{link}"><img src="{link}" loading="lazy" alt="{name}: input, output, error"></a></td><td data-value="{name}">{name}</td><td data-value="{(long)image.Width * image.Height}">{image.Width} × {image.Height}</td><td data-value="{image.Psnr ?? 1e9:R}" data-unit="dB">{Show(image.Psnr, "0.00", "exact")}</td><td data-value="{image.Ssim ?? 2:R}" data-unit="SSIM">{Show(image.Ssim, "0.0000")}</td></tr>

                """);
        }

        return html.ToString();
    }

    private string FailureList()
    {
        var html = new StringBuilder();
        if (NotReached > 0)
        {
            html.Append(CultureInfo.InvariantCulture, $"<p class=\"failed\">Stopped early: {NotReached} images were not reached.</p>\n");
        }

        if (Failures.Count > 0)
        {
            html.Append(CultureInfo.InvariantCulture, $"<section class=\"failed\"><h2>{Failures.Count} failed</h2><ul>\n");
            foreach (var failure in Failures)
            {
                html.Append(CultureInfo.InvariantCulture, $"<li><code>{WebUtility.HtmlEncode(failure.Path)}</code>: {WebUtility.HtmlEncode(failure.Reason)}</li>\n");
            }

            html.Append("</ul></section>\n");
        }

        return html.ToString();
    }

    private static string Show(double? value, string format, string absent = "–") => value?.ToString(format, CultureInfo.InvariantCulture) ?? absent;
}
