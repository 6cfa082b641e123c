using System.Globalization;
using System.Net;
using System.Text;
using LiteVae.Cli.Commands;

namespace LiteVae.Cli.Reports;

/// <summary>One image of a report.</summary>
/// <param name="Key">What names it.</param>
/// <param name="Picture">Its comparison picture, relative to the report, with '/'; null where none was made.</param>
/// <param name="Width">Its width, as measured.</param>
/// <param name="Height">Its height, as measured.</param>
/// <param name="Psnr">In dB; null for an exact reconstruction.</param>
/// <param name="Ssim">Null where a side is under 11 pixels.</param>
/// <param name="Lpips">Null where it was not asked for, or the image is too small for its network.</param>
internal sealed record ReconstructedImage(string Key, string? Picture, int Width, int Height, double? Psnr, double? Ssim, double? Lpips);

/// <summary>What <c>reconstruct</c> and <c>eval</c> found, as JSON, as a web page and in a line.</summary>
internal sealed record ReconstructionReport(
    string Model, string EncoderSha256, string Protocol, IReadOnlyList<ReconstructedImage> Images, IReadOnlyList<InputFailure> Failures, int NotReached)
{
    // Enumerable.Average of nullable values passes over null, and is null where there is nothing else
    public double? Psnr => Images.Average(image => image.Psnr);

    public double? Ssim => Images.Average(image => image.Ssim);

    public double? Lpips => Images.Average(image => image.Lpips);

    /// <summary>rFID over all images; null where it was not asked for.</summary>
    public double? Rfid { get; init; }

    /// <summary>What the latents are like; null where that was not asked for.</summary>
    public LatentReport? Latents { get; init; }

    /// <summary>Writes the JSON object, the page and what a person is told.</summary>
    /// <param name="output">Where the object and the text go.</param>
    /// <param name="folder">Folder of the page and of the pictures; null for none.</param>
    /// <returns>The command's exit code.</returns>
    public int Write(Output output, string? folder)
    {
        output.Json(ToJson());
        if (Images.Count > 0)
        {
            output.Text.WriteLine(Summary());
            if (folder is not null)
            {
                var page = Path.Combine(folder, "report.html");
                AtomicFile.WriteAllText(page, ToHtml());
                output.Text.WriteLine($"report: {page}");
            }
        }

        if (NotReached > 0)
        {
            output.Text.WriteLine($"Stopped: {NotReached} images were not reached. The same command does all of them.");
        }

        return Images.Count == 0 ? ExitCode.Nothing : Failures.Count + NotReached > 0 ? ExitCode.Partial : ExitCode.Done;
    }

    private object ToJson() => new
    {
        model = Model,
        encoder_sha256 = EncoderSha256,
        protocol = Protocol,
        images = Images.Count,
        psnr = Psnr,
        ssim = Ssim,
        lpips = Lpips,
        rfid = Rfid,
        latents = Latents,
        error_gain = ComparisonPicture.ErrorGain,
        not_reached = NotReached,
        per_image = Images,
        failures = Failures,
    };

    private string Summary() =>
        $"{Model}: {Images.Count} images, PSNR {Show(Psnr, "0.00")} dB, SSIM {Show(Ssim, "0.0000")}{(Failures.Count > 0 ? $"; {Failures.Count} failed" : "")}";

    /// <summary>The page: one file without scripts or styles from elsewhere, pictures by relative links.</summary>
    private string ToHtml()
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
            .Replace("{{more}}", Card(Lpips, "0.0000", "LPIPS") + Card(Rfid, "0.000", "rFID"), StringComparison.Ordinal)
            .Replace("{{lpips-heading}}", Lpips is null ? "" : "<th><button>LPIPS</button></th>", StringComparison.Ordinal)
            .Replace("{{latents}}", Latents is null ? "" : LatentTable.ToHtml(Latents), StringComparison.Ordinal)
            .Replace("{{failures}}", FailureList(), StringComparison.Ordinal)
            .Replace("{{rows}}", Rows(), StringComparison.Ordinal); // last: a file's name may look like a place to fill in
    }

    private static string Card(double? value, string format, string name) => value is null ? "" : $"<div><b>{Show(value, format)}</b>{name}</div>\n";

    private string Rows()
    {
        var html = new StringBuilder();

        // The worst first: that is what one opens a report for.
        foreach (var image in Images.OrderBy(image => image.Psnr ?? double.PositiveInfinity))
        {
            var (link, name) = (string.Join('/', image.Picture!.Split('/').Select(Uri.EscapeDataString)), WebUtility.HtmlEncode(image.Key));
            html.Append(CultureInfo.InvariantCulture, $"""
                <tr><td class="picture"><a href="{link}"><img src="{link}" loading="lazy" alt="{name}: input, output, error"></a></td><td data-value="{name}">{name}</td><td data-value="{(long)image.Width * image.Height}">{image.Width} × {image.Height}</td><td data-value="{image.Psnr ?? 1e9:R}" data-unit="dB">{Show(image.Psnr, "0.00", "exact")}</td><td data-value="{image.Ssim ?? 2:R}" data-unit="SSIM">{Show(image.Ssim, "0.0000")}</td>{LpipsCell(image)}</tr>

                """);
        }

        return html.ToString();
    }

    private string LpipsCell(ReconstructedImage image) => Lpips is null ? ""
        : string.Create(CultureInfo.InvariantCulture, $"<td data-value=\"{image.Lpips ?? -1:R}\" data-unit=\"LPIPS\">{Show(image.Lpips, "0.0000")}</td>");

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
