using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using LiteVae.Tests;

namespace LiteVae.Training.Tests.Progress.Report;

public sealed class RunReportTests
{
    private const string Hostile = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{curves}}<!--";

    [Fact]
    public void The_page_says_where_the_run_stands()
    {
        var text = Text(Page(new RunReportData { Name = "first try", State = RunState.Running, StepsDone = 1500, TotalSteps = 60_000, SecondsLeft = (26 * 3600) + 59 }));

        Assert.Contains("first try running", text, StringComparison.Ordinal);
        Assert.Contains("1,500 of 60,000 steps", text, StringComparison.Ordinal);
        Assert.Contains("2.5 %", text, StringComparison.Ordinal);
        Assert.Contains("1 d 2 h left", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RunState.Finished, "finished")]
    [InlineData(RunState.Stopped, "stopped")]
    [InlineData(RunState.Diverged, "diverged")]
    public void A_run_that_ended_has_no_time_left(object state, string word)
    {
        var text = Text(Page(Some("plain") with { State = (RunState)state, SecondsLeft = 100 }));
        Assert.Contains($"plain {word}", text, StringComparison.Ordinal);
        Assert.DoesNotContain(" left ", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "0 s left")]
    [InlineData(59.9, "59 s left")]
    [InlineData(3599, "59 min left")]
    [InlineData(12_345, "3 h 25 min left")]
    [InlineData(1e12, "over 100 d left")]
    [InlineData(double.NaN, "– left")]
    public void Time_left_is_said_in_two_units_at_most(double seconds, string expected) =>
        Assert.Contains(expected, Text(Page(Some("plain") with { SecondsLeft = seconds })), StringComparison.Ordinal);

    [Fact]
    public void Nothing_is_loaded_from_elsewhere()
    {
        using var folder = new TemporaryFolder();
        PngFile.Save(folder.At("a.png"), new RgbImage(2, 1, new byte[6]));
        var page = Page(Some("plain") with { Pictures = [new(1, folder.At("a.png"))] });

        Assert.DoesNotContain("http://", page, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", page, StringComparison.Ordinal);
        Assert.All(Regex.Matches(page, @"(?:src|href|action|url)\s*[=(]\s*[""']?([^""')\s>]*)").Select(m => m.Groups[1].Value), target => Assert.StartsWith("data:image/", target, StringComparison.Ordinal));
        Assert.DoesNotMatch("<link|<iframe|<object|@import|\\bimport\\(", page);
        Assert.Contains("content=\"default-src 'none'; img-src data:; style-src 'sha256-", page, StringComparison.Ordinal); // so the browser sees to it too
    }

    [Fact]
    public void A_hostile_text_stays_a_text_wherever_it_stands()
    {
        var (plain, hostile) = (Page(Some("plain")), Page(Some(Hostile)));

        Assert.Equal(Skeleton(plain), Skeleton(hostile));
        Assert.Single(Regex.Matches(hostile, "<script"));
        // name (twice), options (as a fact: name and value; in the whole text they are JSON's escapes), warning, group, curve (twice), unit (three times)
        Assert.Equal(11, Regex.Matches(hostile, Regex.Escape(WebUtility.HtmlEncode(Hostile))).Count);

        // the elements and their attributes' names, without what may differ
        static IEnumerable<string> Skeleton(string page) => Regex.Matches(page, "<[^>]*>").Select(tag => Regex.Replace(tag.Value, "\"[^\"]*\"", "\"\""));
    }

    [Fact]
    public void Options_that_are_no_JSON_are_shown_all_the_same()
    {
        Assert.Contains("{ broken", Text(Page(Some("plain") with { OptionsJson = "{ broken" })), StringComparison.Ordinal);
        Assert.Contains("[1, 2]", Text(Page(Some("plain") with { OptionsJson = "[1, 2]" })), StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_of_a_long_run_stays_small()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(7);
        var noise = new byte[768 * 256 * 3];
        random.NextBytes(noise); // nothing compresses worse
        PngFile.Save(folder.At("noise.png"), new RgbImage(768, 256, noise));
        var pictures = Enumerable.Range(0, 100).Select(i => new ReportPicture(i, folder.At($"{i}.png"))).ToList();
        pictures.ForEach(picture => File.Copy(folder.At("noise.png"), picture.Path));

        var points = Enumerable.Range(0, 10_000).Select(i => ((long)i, random.NextDouble())).ToList();
        var page = Page(Some("plain") with
        {
            Curves = [.. Enumerable.Range(0, 14).Select(i => new ReportCurve($"curve {i}", "all", "", points))],
            Pictures = pictures,
            Warnings = [.. Enumerable.Range(0, 10_000).Select(i => new ReportWarning(i, new string('x', 5000)))],
        });

        Assert.InRange(page.Length, 1_000_000, 6_000_000);
        Assert.InRange(Regex.Matches(page, "<img ").Count, 8, 12);
        Assert.Contains("and 9,900 older", page, StringComparison.Ordinal);
        Assert.Contains("Step 9,999", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_picture_that_cannot_be_read_is_named_in_its_place()
    {
        using var folder = new TemporaryFolder();
        var text = Text(Page(Some("plain") with { Pictures = [new(5, folder.Write("text.png", "no picture")), new(10, folder.At("gone.png"))] }));
        Assert.Contains("Step 10 gone.png cannot be read. Step 5 text.png cannot be read.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_takes_the_place_of_the_one_before()
    {
        using var folder = new TemporaryFolder();
        var report = new RunReport(folder.At("run/report.html"));
        report.Write(Some("plain") with { StepsDone = 1111 });
        report.Write(Some("plain") with { StepsDone = 2222 });

        var page = File.ReadAllText(Assert.Single(Directory.GetFiles(folder.At("run"))));
        Assert.Contains("2,222", page, StringComparison.Ordinal);
        Assert.DoesNotContain("1,111", page, StringComparison.Ordinal);
    }

    private static RunReportData Some(string text) => new()
    {
        Name = text,
        State = RunState.Running,
        StepsDone = 3,
        TotalSteps = 10,
        OptionsJson = System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, string> { [text] = text }),
        Curves = [new(text, text, text, [(1, 1), (2, 2), (3, 3)])],
        Warnings = [new(2, text)],
        Written = DateTimeOffset.Parse("2026-01-02T03:04:05Z", CultureInfo.InvariantCulture),
    };

    private static string Page(RunReportData data) => new RunReport("unused.html").Render(data);

    /// <summary>What a reader sees.</summary>
    private static string Text(string page)
    {
        var body = page[page.IndexOf("<body", StringComparison.Ordinal)..page.IndexOf("<script", StringComparison.Ordinal)];
        return WebUtility.HtmlDecode(Regex.Replace(Regex.Replace(body, "<[^>]*>", " "), @"\s+", " "));
    }
}
