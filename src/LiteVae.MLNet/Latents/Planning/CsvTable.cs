using nietras.SeparatedValues;

namespace LiteVae;

/// <summary>A table of paths as CSV: a header, comma, semicolon, tab or bar between the columns, texts with those in double quotes.</summary>
internal static class CsvTable
{
    /// <summary>Reads all rows, a piece of the file at a time.</summary>
    /// <param name="path">The file.</param>
    /// <param name="read">Receives each row's line and columns.</param>
    /// <exception cref="InvalidDataException">There is no column <c>path</c>, or a row has more or fewer columns than the header.</exception>
    public static void Read(string path, Action<int, TableRow> read)
    {
        RegularFile.NonEmptyLength(path); // a pipe would never begin
        try
        {
            using var reader = Sep.Reader(options => options with { Unescape = true }).FromFile(path);
            if (!reader.HasHeader || !reader.Header.TryIndexOf(TableRow.PathColumn, out var pathIndex))
            {
                throw new InvalidDataException(reader.HasHeader
                    ? $"{path}: there is no column '{TableRow.PathColumn}'; there are {FaultText.Printable(string.Join(", ", reader.Header.ColNames))}."
                    : $"{path}: the table is empty; the first line must name the columns, with one '{TableRow.PathColumn}'.");
            }

            var (key, label, caption) = (Index(TableRow.KeyColumn), Index(TableRow.LabelColumn), Index(TableRow.CaptionColumn));
            foreach (var row in reader)
            {
                read(row.LineNumberFrom, new TableRow(row[pathIndex].ToString(), Text(row, key), Text(row, label), Text(row, caption)));
            }

            int? Index(string name) => reader.Header.TryIndexOf(name, out var index) ? index : null;
        }
        catch (Exception e) when ((e is InvalidDataException && !e.Message.StartsWith(path, StringComparison.Ordinal)) || e is ArgumentException or NotSupportedException or FormatException)
        {
            throw new InvalidDataException($"{path}: not a table that can be read: {FaultText.Printable(e.Message)}", e);
        }

        static string? Text(SepReader.Row row, int? index) => index is { } column ? row[column].ToString() : null;
    }
}
