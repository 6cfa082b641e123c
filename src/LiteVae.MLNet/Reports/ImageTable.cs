using System.Globalization;
using System.Net;
using System.Text;

namespace LiteVae;

/// <summary>What was measured of one image.</summary>
/// <param name="Name">The image's name.</param>
/// <param name="Width">Its width.</param>
/// <param name="Height">Its height.</param>
/// <param name="Psnr">PSNR in dB; null where the reconstruction is exact.</param>
/// <param name="Ssim">SSIM; null where a side is too short for it.</param>
/// <param name="Lpips">LPIPS; null where it was not asked for.</param>
internal sealed record ImageNumbers(string Name, int Width, int Height, double? Psnr, double? Ssim, double? Lpips);

/// <summary>A page's table of images, sorted by the column whose head is clicked; as it comes, the lowest PSNR is first.</summary>
internal static class ImageTable
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    /// <summary>The table.</summary>
    /// <param name="images">The images, the lowest PSNR first, and where their names lead to, or null for nowhere.</param>
    public static string Render(IReadOnlyCollection<(ImageNumbers Numbers, string? Link)> images)
    {
        var withLpips = images.Any(image => image.Numbers.Lpips is not null);
        var html = new StringBuilder("<table class=\"images\">\n<thead><tr><th><button type=\"button\">Image</button></th><th class=\"wide\" data-kind=\"number\"><button type=\"button\">Pixels</button></th>");
        html.Append("<th data-kind=\"number\" aria-sort=\"ascending\"><button type=\"button\">PSNR, dB</button></th><th data-kind=\"number\"><button type=\"button\">SSIM</button></th>")
            .Append(withLpips ? "<th data-kind=\"number\"><button type=\"button\">LPIPS</button></th>" : "").Append("</tr></thead>\n<tbody>\n");
        foreach (var (image, link) in images)
        {
            var name = WebUtility.HtmlEncode(image.Name);
            var shown = link is not null ? $"<a href=\"{link}\"><bdi>{name}</bdi></a>" : $"<bdi>{name}</bdi>";
            html.Append(Invariant, $"<tr><td data-value=\"{name}\">{shown}</td><td class=\"wide\" data-value=\"{(long)image.Width * image.Height}\">{image.Width} × {image.Height}</td>");
            Cell(image.Psnr, "0.00", "exact", whereAbsent: 1e9);
            Cell(image.Ssim, "0.0000", "–", whereAbsent: 2);
            if (withLpips)
            {
                Cell(image.Lpips, "0.0000", "–", whereAbsent: -1);
            }

            html.Append("</tr>\n");
        }

        return html.Append("</tbody>\n</table>\n").ToString();

        void Cell(double? value, string format, string absent, double whereAbsent) =>
            html.Append(Invariant, $"<td data-value=\"{value ?? whereAbsent:R}\">{value?.ToString(format, Invariant) ?? absent}</td>");
    }
}
