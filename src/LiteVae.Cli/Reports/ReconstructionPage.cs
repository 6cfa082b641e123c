using System.Globalization;
using System.Net;
using System.Text;
using LiteVae.Cli.Commands;

namespace LiteVae.Cli.Reports;

/// <summary>A <see cref="ReconstructionReport"/> as a web page that needs nothing beside it: all images in a table, a bounded number of them as pictures.</summary>
/// <remarks>The pictures are read back from the comparison pictures, which hold the true pixels: only here is it known which are the worst, and one at a time is in memory.</remarks>
/// <param name="report">What was found.</param>
/// <param name="folder">Folder of the comparison pictures.</param>
internal sealed class ReconstructionPage(ReconstructionReport report, string folder)
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;
    private static readonly Lazy<PageTemplate> Template = new(() => PageTemplate.Of(typeof(ReconstructionPage), "reconstruction.html"));

    private readonly List<ReconstructedImage> _images = [.. report.Images.OrderBy(image => image.Psnr ?? double.PositiveInfinity)]; // the worst first: that is what one opens a report for
    private readonly Dictionary<string, string> _anchors = [];

    /// <summary>The page.</summary>
    public string Render() => ReportPage.Render($"Reconstructions by {report.Model.Name}", Template.Value.Fill(new Dictionary<string, string>
    {
        ["model"] = WebUtility.HtmlEncode(report.Model.Name),
        ["summary"] = WebUtility.HtmlEncode(ModelSummary.Describe(report.Model.Architecture, report.Model.LatentChannels, report.Model.DownsamplingFactor)),
        ["config"] = WebUtility.HtmlEncode(report.Model.ToJson()),
        ["encoder"] = WebUtility.HtmlEncode(report.EncoderSha256),
        ["protocol"] = WebUtility.HtmlEncode(report.Protocol),
        ["count"] = report.Images.Count.ToString("N0", Invariant),
        ["psnr"] = ReconstructionReport.Show(report.Psnr, "0.00"),
        ["ssim"] = ReconstructionReport.Show(report.Ssim, "0.0000"),
        ["more"] = Card(report.Lpips, "0.0000", "LPIPS") + Card(report.Rfid, "0.000", "rFID"),
        ["latents"] = report.Latents is null ? "" : LatentTable.ToHtml(report.Latents),
        ["failures"] = Failures(),
        ["pictures"] = Pictures(),
        ["table"] = Table(), // after the pictures, which it leads to
    }));

    private static string Card(double? value, string format, string name) => value is null ? "" : $"<div><b>{ReconstructionReport.Show(value, format)}</b>{name}</div>\n";

    private string Pictures()
    {
        var html = new StringBuilder();
        var groups = ShownImages.Choose(_images);
        var shown = groups.Sum(group => group.Images.Count);
        foreach (var group in groups)
        {
            html.Append(Invariant, $"<h2>{WebUtility.HtmlEncode(group.Heading)}</h2>\n");
            if (group == groups[0])
            {
                html.Append(shown < _images.Count ? string.Create(Invariant, $"<p class=\"note\">{shown} of {_images.Count:N0} images are shown, to keep this page small; all are in the table.</p>\n") : "");
                html.Append(ComparisonFigure.Legend);
            }

            html.Append("<div class=\"gallery\">\n");
            foreach (var image in group.Images)
            {
                Append(html, image);
            }

            html.Append("</div>\n");
        }

        return html.ToString();
    }

    private void Append(StringBuilder html, ReconstructedImage image)
    {
        try
        {
            var (input, output) = ComparisonPicture.Split(ImageDecoder.Decode(Path.Combine(folder, Path.Combine(image.Picture!.Split('/')))), image.Width);
            var comparison = ImageComparison.Of(image.Key, new ImageScore(image.Psnr, image.Ssim), image.Lpips, input, output);
            ComparisonFigure.Append(html, comparison, _anchors[image.Key] = $"image-{_anchors.Count + 1}", Link(image));
        }
        catch (Exception e) when (InputFailure.IsOfOneInput(e))
        {
            html.Append($"<p class=\"bad\"><bdi>{WebUtility.HtmlEncode(image.Key)}</bdi>: its picture cannot be read back. {WebUtility.HtmlEncode(e.Message)}</p>\n");
        }
    }

    private string Table() => ImageTable.Render([.. _images.Select(image => (
        new ImageNumbers(image.Key, image.Width, image.Height, image.Psnr, image.Ssim, image.Lpips),
        (string?)(_anchors.GetValueOrDefault(image.Key) is { } anchor ? $"#{anchor}" : Link(image))))]);

    /// <summary>The comparison picture, relative to the page: a link that a reader may follow, not something that the page loads.</summary>
    private static string Link(ReconstructedImage image) => string.Join('/', image.Picture!.Split('/').Select(Uri.EscapeDataString));

    private string Failures()
    {
        var html = new StringBuilder();
        if (report.NotReached > 0)
        {
            html.Append(Invariant, $"<p class=\"failed\">Stopped early: {Counted.Of(report.NotReached, "image")} not reached.</p>\n");
        }

        if (report.Failures.Count > 0)
        {
            html.Append(Invariant, $"<section class=\"failed\"><h2>{report.Failures.Count} failed</h2><ul>\n");
            foreach (var failure in report.Failures)
            {
                html.Append(Invariant, $"<li><code><bdi>{WebUtility.HtmlEncode(failure.Path)}</bdi></code>: {WebUtility.HtmlEncode(failure.Reason)}</li>\n");
            }

            html.Append("</ul></section>\n");
        }

        return html.ToString();
    }
}
