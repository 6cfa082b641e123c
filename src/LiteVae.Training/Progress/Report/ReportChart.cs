using System.Globalization;
using System.Net;
using System.Text;

namespace LiteVae.Training;

/// <summary>A curve as an inline SVG: the points, and their running median where they are many.</summary>
internal static class ReportChart
{
    private const int Width = 400;
    private const int Height = 190;
    private const int Left = 46;
    private const int Right = 390;
    private const int Top = 8;
    private const int Bottom = 166;

    /// <summary>Two points for each: as fine as a screen shows.</summary>
    private const int Stretches = 250;

    /// <summary>The running median reaches over a hundredth of the points to either side.</summary>
    private const int Reaches = 100;

    /// <summary>Up to this number, the points are seen one by one.</summary>
    private const int FewPoints = 40;

    /// <summary>A figure with the curve's latest value; the page's script replaces that by the value under the pointer.</summary>
    /// <param name="curve">What to draw.</param>
    /// <param name="lastStep">Right end of the axis, the same in all charts of a page.</param>
    public static string Render(ReportCurve curve, long lastStep)
    {
        var finite = curve.Points.Where(point => double.IsFinite(point.Value)).ToList();
        var (name, unit) = (WebUtility.HtmlEncode(curve.Name), WebUtility.HtmlEncode(curve.Unit));
        var notFinite = curve.Points.Count - finite.Count;
        var note = notFinite > 0 ? string.Create(CultureInfo.InvariantCulture, $"<small class=\"bad\">{notFinite} not finite</small>") : "";
        if (finite.Count == 0)
        {
            return $"<figure class=\"chart\"><figcaption><b>{name}</b>{note}<output>no value yet</output></figcaption></figure>\n";
        }

        var points = CurveSampling.Extremes(finite, Stretches);
        var (x, y) = (ChartAxis.Steps(lastStep), ChartAxis.Values(points.Min(p => p.Value), points.Max(p => p.Value)));
        var latest = $"{ChartAxis.Show(finite[^1].Value)} {unit}";
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture, $"""
            <figure class="chart"><figcaption><b>{name}</b>{(y.IsLogarithmic ? "<small>log scale</small>" : "")}{note}<output>{latest}</output></figcaption>
            <svg viewBox="0 0 {Width} {Height}" role="img" aria-label="{name}: {latest} at step {finite[^1].Step}" data-unit="{unit}" data-steps="{string.Join(' ', points.Select(p => p.Step))}" data-values="{string.Join(' ', points.Select(p => ChartAxis.Show(p.Value)))}">

            """);
        Axes(html, x, y);

        if (finite.Count > FewPoints)
        {
            Line(html, "points faint", points, X, Y);
            Line(html, "trend", CurveSampling.RunningMedian(finite, Math.Max(1, finite.Count / Reaches), Stretches), X, Y);
        }
        else
        {
            Line(html, "points", points, X, Y);
            foreach (var (step, value) in points)
            {
                html.Append($"<circle r=\"2.5\" cx=\"{X(step)}\" cy=\"{Y(value)}\"/>");
            }
        }

        return html.Append("\n</svg></figure>\n").ToString();

        string X(double step) => Place(Left + ((Right - Left) * x.At(step)));
        string Y(double value) => Place(Bottom - ((Bottom - Top) * y.At(value)));
    }

    private static void Axes(StringBuilder html, ChartAxis x, ChartAxis y)
    {
        foreach (var tick in y.Ticks())
        {
            var at = Bottom - ((Bottom - Top) * y.At(tick));
            html.Append($"<path d=\"M{Left} {Place(at)}H{Right}\"/><text x=\"{Left - 6}\" y=\"{Place(at + 4)}\" text-anchor=\"end\">{ChartAxis.Show(tick)}</text>");
        }

        foreach (var tick in x.Ticks())
        {
            var at = Left + ((Right - Left) * x.At(tick));
            html.Append($"<text x=\"{Place(at)}\" y=\"{Height - 6}\" text-anchor=\"{(at > Right - 12 ? "end" : "middle")}\">{ChartAxis.Show(tick)}</text>");
        }

        html.Append('\n');
    }

    private static void Line(StringBuilder html, string kind, IReadOnlyList<(long Step, double Value)> points, Func<double, string> x, Func<double, string> y) =>
        html.Append($"<polyline class=\"{kind}\" points=\"{string.Join(' ', points.Select(p => $"{x(p.Step)},{y(p.Value)}"))}\"/>\n");

    private static string Place(double at) => at.ToString("0.#", CultureInfo.InvariantCulture);
}
