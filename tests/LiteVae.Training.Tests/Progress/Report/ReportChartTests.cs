using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace LiteVae.Training.Tests.Progress.Report;

public sealed class ReportChartTests
{
    [Fact]
    public void Points_lie_where_their_steps_and_values_say()
    {
        // x: 46 to 390 for steps 0 to 200; y: 166 to 8 for -0.5 to 10.5, that is 0 to 10 and a twentieth more at each end
        var svg = Svg(new ReportCurve("PSNR", "Quality", "dB", [(50, 0), (100, 10), (200, 5)]), lastStep: 200);

        Assert.Equal("132,158.8 218,15.2 390,87", Line(svg, "points"));
        Assert.Equal(3, svg.Elements("circle").Count());
        Assert.Equal(("50 100 200", "0 10 5"), (svg.Attribute("data-steps")!.Value, svg.Attribute("data-values")!.Value));
        Assert.Equal("PSNR: 5 dB at step 200", svg.Attribute("aria-label")!.Value);
    }

    [Fact]
    public void The_spike_of_a_long_curve_is_seen_and_does_not_bend_its_trend()
    {
        var points = Enumerable.Range(1, 10_000).Select(step => ((long)step, step == 4321 ? 9.0 : 1 + (0.001 * (step % 2)))).ToList();
        var svg = Svg(new ReportCurve("a", "b", "", points), 10_000);

        Assert.Contains("4321", svg.Attribute("data-steps")!.Value.Split(' '));
        Assert.Contains("9", svg.Attribute("data-values")!.Value.Split(' '));
        Assert.InRange(Ys("points").Min(), 8, 16);     // at the top
        Assert.InRange(Ys("trend").Min(), 158, 166);   // at the bottom
        Assert.Equal(500, Ys("points").Count);
        Assert.Equal(250, Ys("trend").Count);

        List<double> Ys(string kind) => [.. Line(svg, kind).Split(' ').Select(place => double.Parse(place.Split(',')[1], CultureInfo.InvariantCulture))];
    }

    [Fact]
    public void Values_that_are_not_finite_are_counted_and_left_out()
    {
        var html = ReportChart.Render(new ReportCurve("a", "b", "", [(1, 1), (2, double.NaN), (3, double.PositiveInfinity), (4, 2)]), 4);
        Assert.Contains("2 not finite", html, StringComparison.Ordinal);
        Assert.Contains("data-steps=\"1 4\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_curve_that_is_0_throughout_is_a_line_through_the_middle_of_minus_1_to_1()
    {
        var svg = Svg(new ReportCurve("Adversarial", "b", "", [(0, 0), (100, 0), (200, 0)]), lastStep: 200);
        Assert.Equal("46,87 218,87 390,87", Line(svg, "points"));
        Assert.Equal(["-1", "-0.5", "0", "0.5", "1"], svg.Elements("text").Take(5).Select(label => label.Value));
    }

    [Fact]
    public void A_curve_without_a_value_is_named_without_a_chart()
    {
        Assert.Contains("no value yet", ReportChart.Render(new ReportCurve("a", "b", "", []), 0), StringComparison.Ordinal);
        Assert.DoesNotContain("<svg", ReportChart.Render(new ReportCurve("a", "b", "", [(1, double.NaN)]), 1), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.0, 0.0)]
    [InlineData(5.0, 5.0)]
    [InlineData(0.0, double.Epsilon)]
    [InlineData(1e15, 1e15 + 0.125)]
    [InlineData(-double.MaxValue, double.MaxValue)]
    [InlineData(double.Epsilon, double.MaxValue)]
    public void Any_finite_values_give_a_chart_with_finite_places(double first, double second)
    {
        var html = ReportChart.Render(new ReportCurve("a", "b", "", [(1, first), (2, second)]), 2);
        Assert.Equal(2, Regex.Matches(html, "<circle").Count);
        Assert.DoesNotMatch("NaN|∞|Infinity", html);
    }

    private static XElement Svg(ReportCurve curve, long lastStep) => XElement.Parse(ReportChart.Render(curve, lastStep)).Element("svg")!;

    private static string Line(XElement svg, string kind) =>
        svg.Elements("polyline").Single(line => line.Attribute("class")!.Value.Split(' ').Contains(kind)).Attribute("points")!.Value;
}
