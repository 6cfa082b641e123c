using System.Globalization;
using System.Net;
using System.Text;

namespace LiteVae;

/// <summary>Comparisons on a page: input and output on either side of a slider, and the error map in the output's place at the press of a button.</summary>
internal static class ComparisonFigure
{
    /// <summary>What stands above all figures of a page: how to read them, and the switch of all error maps.</summary>
    public static string Legend { get; } = string.Create(CultureInfo.InvariantCulture, $"""
        <div class="legend">
        <button type="button" class="toggle" id="all-errors" aria-pressed="false">All error maps</button>
        <p>Move the line, by hand or with the arrow keys: input to its left, output to its right. Error map: the absolute difference of each pixel's red, green and blue, × {ErrorMap.Gain},
        <span class="scale"><span>0</span><i></i><span>{ErrorMap.Brightest} or more of 255</span></span>, the same for all images; made of the 8-bit pixels at full size. {PreviewImage.Description}.</p>
        </div>

        """);

    /// <summary>A figure.</summary>
    /// <param name="html">Where it goes.</param>
    /// <param name="comparison">What to show.</param>
    /// <param name="id">Its name for links, or null for none.</param>
    /// <param name="link">A file beside the page with the pictures at full size, or null for none.</param>
    public static void Append(StringBuilder html, ImageComparison comparison, string? id = null, string? link = null)
    {
        var (name, (width, height)) = (WebUtility.HtmlEncode(comparison.Name), PreviewImage.Size(comparison.Width, comparison.Height));
        html.Append(CultureInfo.InvariantCulture, $"""
            <figure class="comparison"{(id is null ? "" : $" id=\"{id}\"")}>
            <div class="pictures">
            {Picture("input", "input", comparison.Input)}
            {Picture("output", "output", comparison.Output)}
            {Picture("error", "error map", comparison.Error)}
            <span class="side left">input</span><span class="side right output">output</span><span class="side right error">error × {ErrorMap.Gain}</span><span class="line"></span>
            <input type="range" min="0" max="100" value="50" aria-label="{name}: how much of the input is seen">
            </div>
            <figcaption><span><b><bdi>{name}</bdi></b><br>{WebUtility.HtmlEncode(comparison.Numbers)}, {Size(comparison.Width, comparison.Height, link)}</span><button type="button" class="toggle" aria-pressed="false" aria-label="Error map of {name}">Error map</button></figcaption>
            </figure>

            """);

        string Picture(string kind, string title, string base64) =>
            $"<img class=\"{kind}\" width=\"{width}\" height=\"{height}\" loading=\"lazy\" decoding=\"async\" alt=\"{name}: {title}\" src=\"data:image/jpeg;base64,{base64}\">";
    }

    private static string Size(int width, int height, string? link)
    {
        var size = string.Create(CultureInfo.InvariantCulture, $"{width} × {height}");
        return link is null ? size : $"<a href=\"{link}\">{size} side by side</a>";
    }
}
