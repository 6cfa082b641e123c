using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace LiteVae.Training;

/// <summary>A run as one web page that needs nothing beside it; written anew, whole or not at all, as the run goes on. Not thread-safe.</summary>
/// <remarks>Its size is bounded, however long the run: so many points a curve, so many pictures, so many warnings.</remarks>
/// <param name="path">The page's file.</param>
internal sealed class RunReport(string path)
{
    private const int MaxWarnings = 100;
    private const int MaxWarningLength = 1000;
    private const int MaxOptionsLength = 100_000;

    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
    private static readonly Lazy<PageTemplate> Template = new(() => PageTemplate.Of(typeof(RunReport), "run.html"));
    private static readonly Lazy<string> Script = new(() => PageTemplate.ReadText(typeof(RunReport), "run.js"));

    private readonly ReportPictures _pictures = new();

    /// <summary>Writes the page.</summary>
    public void Write(RunReportData data) => AtomicFile.WriteAllText(path, Render(data));

    /// <summary>The page.</summary>
    internal string Render(RunReportData data)
    {
        var step = data.StepsDone.ToString("N0", CultureInfo.InvariantCulture);
        var body = Template.Value.Fill(new Dictionary<string, string>
        {
            ["name"] = WebUtility.HtmlEncode(data.Name),
            ["state"] = data.State.ToString().ToLowerInvariant(),
            ["step"] = step,
            ["steps"] = data.TotalSteps.ToString("N0", CultureInfo.InvariantCulture),
            ["share"] = (100.0 * data.StepsDone / Math.Max(1, data.TotalSteps)).ToString("0.#", CultureInfo.InvariantCulture),
            ["left"] = data.State == RunState.Running && data.SecondsLeft is { } seconds ? $"<div><b>{Duration(seconds)}</b>left</div>" : "",
            ["time"] = data.Written.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["model"] = WebUtility.HtmlEncode(data.Model),
            ["recipe"] = WebUtility.HtmlEncode(data.Recipe),
            ["facts"] = Facts(data.OptionsJson),
            ["options"] = WebUtility.HtmlEncode(Shorten(data.OptionsJson, MaxOptionsLength)),
            ["warnings"] = Warnings(data.Warnings),
            ["curves"] = Curves(data),
            ["heldOut"] = data.HeldOut?.Render() ?? "",
            ["pictures"] = _pictures.Render(data.Pictures) is { Length: > 0 } figures ? $"<h2>Training images over time</h2>\n<p class=\"note\">Images above, below what the network makes of them.</p>\n<div class=\"strips\">\n{figures}</div>\n" : "",
        });
        return ReportPage.Render($"{data.Name}, step {step}", body, Script.Value);
    }

    private static string Curves(RunReportData data)
    {
        var lastStep = data.Curves.SelectMany(curve => curve.Points).Select(point => point.Step).Append(data.StepsDone).Max();
        var html = new StringBuilder(data.Curves.Count == 0 ? "<p>Nothing measured yet.</p>\n" : "");
        foreach (var group in data.Curves.GroupBy(curve => curve.Group))
        {
            html.Append($"<h2>{WebUtility.HtmlEncode(group.Key)}</h2>\n<div class=\"charts\">\n");
            html.AppendJoin("", group.Select(curve => ReportChart.Render(curve, lastStep)));
            html.Append("</div>\n");
        }

        return html.ToString();
    }

    private static string Warnings(IReadOnlyList<ReportWarning> warnings)
    {
        if (warnings.Count == 0)
        {
            return "";
        }

        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture, $"<section class=\"warnings\"><h2>{warnings.Count} {(warnings.Count == 1 ? "warning" : "warnings")}</h2><ul>\n");
        foreach (var warning in warnings.TakeLast(MaxWarnings).Reverse())
        {
            html.Append(CultureInfo.InvariantCulture, $"<li><b>Step {warning.Step:N0}</b> {WebUtility.HtmlEncode(Shorten(warning.Text, MaxWarningLength))}</li>\n");
        }

        var older = warnings.Count - MaxWarnings;
        return html.Append(older > 0 ? string.Create(CultureInfo.InvariantCulture, $"<li>and {older:N0} older</li>\n") : "").Append("</ul></section>\n").ToString();
    }

    /// <summary>The options that are single values; the others are in the whole text only.</summary>
    private static string Facts(string json)
    {
        try
        {
            using var options = JsonDocument.Parse(json, Lenient);
            var single = options.RootElement.EnumerateObject()
                .Where(option => option.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null));
            return string.Join("\n", single.Select(option => $"<span>{Encode(option.Name)} <b>{Encode(option.Value.ToString())}</b></span>"));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return ""; // no JSON object: the text itself is shown all the same
        }

        static string Encode(string text) => WebUtility.HtmlEncode(Shorten(text, 100));
    }

    private static string Shorten(string text, int length) => text.Length <= length ? text : text[..length] + " …";

    /// <summary>Two units of it at most: an estimate has no more.</summary>
    private static string Duration(double seconds)
    {
        var text = CultureInfo.InvariantCulture;
        return seconds switch
        {
            >= 100 * 86400 => "over 100 d",
            >= 86400 => string.Create(text, $"{(int)seconds / 86400} d {(int)seconds % 86400 / 3600} h"),
            >= 3600 => string.Create(text, $"{(int)seconds / 3600} h {(int)seconds % 3600 / 60} min"),
            >= 60 => string.Create(text, $"{(int)seconds / 60} min"),
            >= 0 => string.Create(text, $"{(int)seconds} s"),
            _ => "–", // also what is no number
        };
    }
}
