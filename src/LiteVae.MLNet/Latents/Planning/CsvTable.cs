using nietras.SeparatedValues;

namespace LiteVae;

/// <summary>A table of paths as CSV: a header, comma, semicolon, tab or bar between the columns, texts with those, quotes or line breaks in double quotes.</summary>
internal static class CsvTable
{
    /// <summary>Reads all rows, a piece of the file at a time.</summary>
    /// <param name="path">The file.</param>
    /// <param name="read">Receives each row's line and columns.</param>
    /// <exception cref="InvalidDataException">There is no column <c>path</c>, a row has more or fewer columns than the header, or a quote stands where none may.</exception>
    public static void Read(string path, Action<int, TableRow> read)
    {
        RegularFile.NonEmptyLength(path); // a pipe would never begin
        var line = 1; // where the row begins; Sep says something else of the first one
        try
        {
            // A stray quote joins rows, and Sep leaves it at that: the fields are taken as they stand in the file, and their quotes are looked at here.
            using var reader = Sep.Reader(options => options with { HasHeader = false, DisableColCountCheck = true }).FromFile(path);
            if (!reader.MoveNext())
            {
                throw new InvalidDataException($"{path}: the table is empty; the first line must name the columns, with one '{TableRow.PathColumn}'.");
            }

            CheckQuotes(path, line, reader.Current);
            var names = Names(reader.Current);
            var (pathIndex, key, label, caption) = (PathIndex(), Index(TableRow.KeyColumn), Index(TableRow.LabelColumn), Index(TableRow.CaptionColumn));
            line = reader.Current.LineNumberToExcl;
            while (reader.MoveNext())
            {
                var row = reader.Current;
                CheckQuotes(path, line, row);
                if (row.ColCount != names.Length)
                {
                    throw new InvalidDataException($"{path}, line {line}: the row has {row.ColCount} columns, the header {names.Length}; a text with the separator in it must be in quotes.");
                }

                read(line, new TableRow(CsvField.Text(row[pathIndex].Span), Text(row, key), Text(row, label), Text(row, caption)));
                line = row.LineNumberToExcl;
            }

            int PathIndex() => Index(TableRow.PathColumn)
                ?? throw new InvalidDataException($"{path}: there is no column '{TableRow.PathColumn}'; there are {FaultText.Printable(string.Join(", ", names))}.");

            int? Index(string name) => names.Count(other => other == name) switch
            {
                0 => null,
                1 => Array.IndexOf(names, name),
                var times => throw new InvalidDataException($"{path}: the column '{name}' is found {times} times in the header; name one column so."),
            };
        }
        catch (NotSupportedException e)
        {
            throw new InvalidDataException($"{path}, line {line}: the row that begins here is too long to be read; a quote in it may be never closed. {FaultText.Printable(e.Message)}", e);
        }

        static string? Text(SepReader.Row row, int? index) => index is { } column ? CsvField.Text(row[column].Span) : null;
    }

    private static string[] Names(SepReader.Row header)
    {
        var names = new string[header.ColCount];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = CsvField.Text(header[i].Span);
        }

        return names;
    }

    private static void CheckQuotes(string path, int line, SepReader.Row row)
    {
        if (!row.Span.Contains('"'))
        {
            return;
        }

        for (var i = 0; i < row.ColCount; i++)
        {
            var field = row[i].Span;
            if (CsvField.Fault(field, out var at) is { } fault)
            {
                throw new InvalidDataException($"{path}, line {line + field[..at].Count('\n')}: {fault}. Put a field with quotes in it into quotes, and double those in it: \"a 5\"\" pipe\".");
            }

            line += field.Count('\n');
        }
    }
}
