using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.OnnxRuntime;

namespace LiteVae.Benchmarks;

/// <summary>The results in Markdown: printed as they come, and kept for a file.</summary>
internal sealed class Report
{
    private readonly StringBuilder _text = new();

    /// <summary>Says where and how the figures were taken.</summary>
    public void Head(string[] arguments, Settings settings)
    {
        Line("# Benchmarks");
        Line();
        Line($"- `dotnet run --project bench/LiteVae.Benchmarks -c Release -- {string.Join(' ', arguments)}`");
        Line($"- {DateTime.UtcNow:yyyy-MM-dd}; {Processor.Name}, {Environment.ProcessorCount} cores; {RuntimeInformation.RuntimeIdentifier}{Load()}");
        Line($"- .NET {Environment.Version}, ONNX Runtime {OrtEnv.Instance().GetVersionString()}");
        Line($"- model {Path.GetFileName(settings.Model)}, batches of {settings.Batch}, threads: {settings.Threads?.ToString(CultureInfo.InvariantCulture) ?? "ONNX Runtime's choice"}, {settings.Images} images a round, {settings.Rounds} rounds");
        Line();
        Line("Times are medians. A ratio is one of medians, above 1 where the first way is faster; the range beside it holds the middle half of the rounds' own ratios.");
    }

    /// <summary>A heading, and what the table below it answers.</summary>
    public void Section(string heading, string text)
    {
        Line();
        Line($"## {heading}");
        Line();
        Line(text);
        Line();
    }

    /// <summary>A table; a heading that begins with '>' aligns its column to the right.</summary>
    public void Table(string[] headings, IEnumerable<string[]> rows)
    {
        Line($"| {string.Join(" | ", headings.Select(heading => heading.TrimStart('>')))} |");
        Line($"|{string.Join('|', headings.Select(heading => heading.StartsWith('>') ? "---:" : "---"))}|");
        foreach (var row in rows)
        {
            Line($"| {string.Join(" | ", row)} |");
        }
    }

    public override string ToString() => _text.ToString();

    private void Line(string text = "")
    {
        Console.WriteLine(text);
        _text.Append(text).Append('\n');
    }

    /// <summary>What the machine did already in the minute before: figures of a busy one are rough.</summary>
    private static string Load()
    {
        const string load = "/proc/loadavg";
        return File.Exists(load) ? $"; load {File.ReadAllText(load).Split(' ')[0]} before the run" : "";
    }
}
