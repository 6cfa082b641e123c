namespace LiteVae;

/// <summary>The table of everything that could not be encoded, <c>failures.parquet</c>.</summary>
internal static class FailureTable
{
    private static readonly ParquetColumn<LatentFailure>[] Columns =
    [
        ParquetColumn<LatentFailure>.Text("key", failure => failure.Key),
        ParquetColumn<LatentFailure>.Text("source", failure => failure.Source),
        ParquetColumn<LatentFailure>.Text("reason", failure => failure.Reason),
    ];

    /// <summary>Writes failures as they come.</summary>
    public static void Write(Stream stream, IEnumerable<LatentFailure> failures) =>
        ParquetTable.Write(stream, Columns, failures, failure => failure.Key.Length + failure.Source.Length + (long)failure.Reason.Length);

    /// <summary>Reads all failures.</summary>
    /// <exception cref="InvalidDataException">It is no such table, or a broken one.</exception>
    public static IReadOnlyList<LatentFailure> Read(Stream stream, string path)
    {
        List<LatentFailure> all = [];
        ParquetTable.Read(stream, path, [.. Columns.Select(column => (column.Field.Name, typeof(string), false))], (rows, columns) =>
        {
            var (keys, sources, reasons) = (ParquetValues.Texts(columns["key"]), ParquetValues.Texts(columns["source"]), ParquetValues.Texts(columns["reason"]));
            for (var i = 0; i < rows; i++)
            {
                all.Add(new LatentFailure(keys[i] ?? "", sources[i] ?? "", reasons[i] ?? ""));
            }
        });
        return all;
    }
}
