using System.Collections;
using System.Net;
using System.Reflection;
using System.Text;
using Microsoft.ML;

namespace LiteVae.Notebooks;

/// <summary>Rows of values under headings.</summary>
internal sealed record ValueTable(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    private const int LongestVector = 4; // values shown of a vector

    /// <summary>The first rows of a data view.</summary>
    public static ValueTable Of(IDataView view, int rows)
    {
        var preview = view.Preview(rows);
        return new ValueTable(
            [.. preview.Schema.Select(column => column.Name)],
            [.. preview.RowView.Select(row => row.Values.Select(value => Cell(value.Value)).ToList())]);
    }

    /// <summary>Objects, a row each, with their properties as columns; null where the values are numbers, texts or the like, or of several types.</summary>
    public static ValueTable? Of(IEnumerable objects)
    {
        var rows = objects.Cast<object?>().ToList();
        var type = rows.FirstOrDefault()?.GetType();
        if (type is null || type.IsPrimitive || typeof(IFormattable).IsAssignableFrom(type) || typeof(IEnumerable).IsAssignableFrom(type) || rows.Any(row => row?.GetType() != type))
        {
            return null;
        }

        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.GetIndexParameters().Length == 0).ToList();
        return properties.Count == 0 ? null : new ValueTable(
            [.. properties.Select(property => property.Name)],
            [.. rows.Select(row => properties.Select(property => Cell(property.GetValue(row))).ToList())]);
    }

    /// <summary>As HTML.</summary>
    public string ToHtml()
    {
        var html = new StringBuilder("<table>\n").Append(Row(Columns, "th"));
        foreach (var row in Rows)
        {
            html.Append(Row(row, "td"));
        }

        return html.Append("</table>").ToString();

        static string Row(IEnumerable<string> cells, string tag) => $"<tr>{string.Concat(cells.Select(cell => $"<{tag}>{WebUtility.HtmlEncode(cell)}</{tag}>"))}</tr>\n";
    }

    /// <summary>As text, in columns.</summary>
    public string ToText()
    {
        var widths = Columns.Select((name, index) => Rows.Select(row => row[index].Length).Append(name.Length).Max()).ToList();
        return string.Join('\n', Rows.Prepend(Columns).Select(row => string.Join("  ", row.Select((cell, index) => cell.PadRight(widths[index]))).TrimEnd()));
    }

    private static string Cell(object? value)
    {
        if (value is IEnumerable and not string)
        {
            return Vector([.. ((IEnumerable)value).Cast<object?>()]);
        }

        // ML.NET's vectors are no lists
        return value?.GetType() is { IsGenericType: true } type && type.GetMethod("DenseValues") is { } dense
            ? Vector([.. ((IEnumerable)dense.Invoke(value, null)!).Cast<object?>()])
            : MimeBundle.PlainText(value);
    }

    private static string Vector(List<object?> values) =>
        $"[{string.Join(", ", values.Take(LongestVector).Select(MimeBundle.PlainText))}{(values.Count > LongestVector ? $", ... {values.Count} values" : "")}]";
}
