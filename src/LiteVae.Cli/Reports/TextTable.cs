using System.Text;
using Spectre.Console;

namespace LiteVae.Cli.Reports;

/// <summary>A table for people: drawn on a terminal, GitHub Markdown elsewhere, so that it can be pasted.</summary>
/// <param name="columns">The headings; one that begins with '>' aligns its column to the right.</param>
internal sealed class TextTable(params string[] columns)
{
    private const char Right = '>';

    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row, one text a column.</summary>
    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>Writes the table.</summary>
    public void Write(Output output)
    {
        if (!output.IsTerminal)
        {
            output.Text.Write(ToMarkdown());
            return;
        }

        var table = new Table { Border = TableBorder.Rounded };
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(Markup.Escape(column.TrimStart(Right))) { Alignment = IsRight(column) ? Justify.Right : Justify.Left });
        }

        foreach (var row in _rows)
        {
            table.AddRow([.. row.Select(cell => new Text(cell))]);
        }

        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output.Text) }).Write(table);
    }

    /// <summary>The table in Markdown, its columns padded to one width.</summary>
    internal string ToMarkdown()
    {
        var headings = columns.Select(column => column.TrimStart(Right)).ToArray();
        var widths = columns.Select((_, i) => _rows.Select(row => row[i].Length).Append(headings[i].Length).Max()).ToArray();
        var text = new StringBuilder();
        Line(headings);
        text.Append('|').AppendJoin('|', columns.Select((column, i) => new string('-', widths[i] + (IsRight(column) ? 1 : 2)) + (IsRight(column) ? ":" : ""))).Append("|\n");
        _rows.ForEach(Line);
        return text.ToString();

        void Line(string[] cells) =>
            text.Append("| ").AppendJoin(" | ", cells.Select((cell, i) => IsRight(columns[i]) ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]))).Append(" |\n");
    }

    private static bool IsRight(string column) => column.StartsWith(Right);
}
