namespace LiteVae;

/// <summary>A table of paths as parquet.</summary>
internal static class PathTable
{
    private static readonly (string, Type, bool)[] Columns =
    [
        (TableRow.PathColumn, typeof(string), false),
        (TableRow.KeyColumn, typeof(string), true),
        (TableRow.LabelColumn, typeof(string), true),
        (TableRow.CaptionColumn, typeof(string), true),
    ];

    /// <summary>Reads all rows, a row group at a time; labels and keys may be whole numbers.</summary>
    /// <param name="path">The file.</param>
    /// <param name="read">Receives each row's number, from 0 on, and columns.</param>
    /// <exception cref="InvalidDataException">There is no column <c>path</c>, a column holds something else than texts and whole numbers, or the file is broken.</exception>
    public static void Read(string path, Action<long, TableRow> read)
    {
        RegularFile.NonEmptyLength(path); // a pipe would never begin
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        var row = 0L;
        ParquetTable.Read(stream, path, Columns, (rows, columns) =>
        {
            var (paths, keys, labels, captions) = (Texts(TableRow.PathColumn)!, Texts(TableRow.KeyColumn), Texts(TableRow.LabelColumn), Texts(TableRow.CaptionColumn));
            for (var i = 0; i < rows; i++)
            {
                read(row++, new TableRow(paths[i], keys?[i], labels?[i], captions?[i]));
            }

            string?[]? Texts(string name) => columns.TryGetValue(name, out var values) ? ParquetValues.Texts(values) : null;
        });
    }
}
