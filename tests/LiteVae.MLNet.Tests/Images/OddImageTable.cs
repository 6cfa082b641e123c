using System.Globalization;
using System.Text;

namespace LiteVae.Tests.Images;

/// <summary>The table of odd images: what each must do.</summary>
internal static class OddImageTable
{
    /// <summary>Reads the table.</summary>
    public static List<Row> Read(string path)
    {
        var lines = Parse(File.ReadAllText(path));
        var header = lines[0];
        return [.. lines.Skip(1).Select(cells => ToRow(name => cells[header.IndexOf(name)]))];
    }

    private static Row ToRow(Func<string, string> cell)
    {
        (int, int)? size = cell("width").Length > 0 ? (int.Parse(cell("width"), CultureInfo.InvariantCulture), int.Parse(cell("height"), CultureInfo.InvariantCulture)) : null;
        double[]? mean = cell("mean_r").Length > 0
            ? [.. new[] { "mean_r", "mean_g", "mean_b" }.Select(name => double.Parse(cell(name), CultureInfo.InvariantCulture))]
            : null;
        return new Row(cell("file"), cell("expected"), size, mean, cell("has_alpha") == "1", cell("note"));
    }

    /// <summary>Comma-separated cells; quoted ones may hold commas, line breaks and doubled quotes.</summary>
    private static List<List<string>> Parse(string text)
    {
        var lines = new List<List<string>> { new() };
        var cell = new StringBuilder();
        var quoted = false;
        foreach (var c in text)
        {
            if (c == '"')
            {
                quoted = !quoted;
            }
            else if (!quoted && (c is ',' or '\n'))
            {
                lines[^1].Add(cell.ToString());
                cell.Clear();
                if (c == '\n')
                {
                    lines.Add([]);
                }
            }
            else if (c != '\r')
            {
                cell.Append(c);
            }
        }

        return [.. lines.Where(line => line.Count > 1)];
    }

    /// <summary>One file and what is expected of it: decode, refuse, either, optional.</summary>
    public sealed record Row(string File, string Expected, (int Width, int Height)? Size, double[]? Mean, bool HasAlpha, string Note);
}
