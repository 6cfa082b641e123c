using System.Globalization;
using System.Net;
using System.Text;

namespace LiteVae.Cli.Reports;

/// <summary>What was found of a model's latents, a row a channel.</summary>
internal static class LatentTable
{
    /// <summary>The headings as <see cref="TextTable"/> takes them.</summary>
    public static readonly string[] Headings = ["latent channel", ">mean", ">deviation", ">KL, nats", "dead"];

    /// <summary>The cells under the headings.</summary>
    public static IEnumerable<string[]> Rows(LatentReport latents) => latents.Channels.Select((channel, i) => new[]
    {
        i.ToString(CultureInfo.InvariantCulture), Number(channel.Mean), Number(channel.Deviation), Number(channel.Kl), channel.IsDead ? "dead" : "",
    });

    /// <summary>What holds for all channels.</summary>
    public static string Summary(LatentReport latents)
    {
        var distances = latents.PriorDistance?.Select(distance => string.Create(CultureInfo.InvariantCulture, $"{distance.MmdSquared:0.00000} (sigma {distance.Sigma})"));
        return $"latents: mean {Number(latents.Mean)}, deviation {Number(latents.Deviation)}, KL {Number(latents.Kl)}; {latents.DeadChannels} of {latents.Channels.Count} channels dead; "
            + (distances is null ? "they do not vary" : $"MMD^2 from N(0, I) {string.Join(", ", distances)} with {latents.Vectors} vectors");
    }

    /// <summary>The table as a section of a page.</summary>
    public static string ToHtml(LatentReport latents)
    {
        var html = new StringBuilder("<details><summary>Latents</summary>\n<table class=\"latents\">\n<tr>");
        html.AppendJoin("", Headings.Select(heading => $"<th>{WebUtility.HtmlEncode(heading.TrimStart('>'))}</th>")).Append("</tr>\n");
        foreach (var row in Rows(latents))
        {
            html.Append("<tr>").AppendJoin("", row.Select(cell => $"<td>{WebUtility.HtmlEncode(cell)}</td>")).Append("</tr>\n");
        }

        return html.Append(CultureInfo.InvariantCulture, $"</table>\n<p class=\"note\">{WebUtility.HtmlEncode(Summary(latents))}</p></details>\n").ToString();
    }

    private static string Number(double? value) => value?.ToString("0.000", CultureInfo.InvariantCulture) ?? "–";
}
