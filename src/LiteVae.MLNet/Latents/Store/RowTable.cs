namespace LiteVae;

/// <summary>The table of a shard's rows, <c>NNNNN.parquet</c>.</summary>
internal static class RowTable
{
    private static readonly ParquetColumn<LatentRow>[] Columns =
    [
        ParquetColumn<LatentRow>.Text("key", row => row.Key),
        ParquetColumn<LatentRow>.Text("source", row => row.Source),
        ParquetColumn<LatentRow>.Text("source_sha256", row => row.SourceSha256),
        ParquetColumn<LatentRow>.Integer("width", row => row.Width),
        ParquetColumn<LatentRow>.Integer("height", row => row.Height),
        ParquetColumn<LatentRow>.Real("crop_left", row => row.CropLeft),
        ParquetColumn<LatentRow>.Real("crop_top", row => row.CropTop),
        ParquetColumn<LatentRow>.Real("crop_width", row => row.CropWidth),
        ParquetColumn<LatentRow>.Real("crop_height", row => row.CropHeight),
        ParquetColumn<LatentRow>.Integer("row", row => row.Row),
        ParquetColumn<LatentRow>.OptionalText("label", row => row.Label),
        ParquetColumn<LatentRow>.OptionalText("caption", row => row.Caption),
    ];

    private static readonly (string, Type, bool)[] Wanted = [.. Columns.Select(column => (column.Field.Name, column.Field.Name switch
    {
        "width" or "height" or "row" => typeof(int),
        "crop_left" or "crop_top" or "crop_width" or "crop_height" => typeof(double),
        _ => typeof(string),
    }, false))];

    /// <summary>Writes rows in their order.</summary>
    public static void Write(Stream stream, IEnumerable<LatentRow> rows) =>
        ParquetTable.Write(stream, Columns, rows, row => row.Key.Length + row.Source.Length + (row.Label?.Length ?? 0) + (row.Caption?.Length ?? 0L));

    /// <summary>Reads the table of a shard, checked before anything in it is believed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rows">Images of the shard.</param>
    /// <param name="sha256">The table's hash as the manifest has it, or null not to check it.</param>
    /// <exception cref="FileNotFoundException">The table is not there.</exception>
    /// <exception cref="InvalidDataException">It is not the one that the manifest tells of, broken, or has another number of rows.</exception>
    public static IReadOnlyList<LatentRow> ReadFile(string path, int rows, string? sha256 = null)
    {
        var bytes = RegularFile.ReadBytes(path, Array.MaxLength);
        if (sha256 is not null && Sha256Text.Of(bytes) is var found && found != sha256)
        {
            throw new InvalidDataException($"{path}: the file has the SHA-256 {found}; its manifest says {sha256}: it is damaged, or was changed.");
        }

        using var stream = new MemoryStream(bytes, writable: false);
        var read = Read(stream, path);
        return read.Count == rows ? read : throw new InvalidDataException($"{path}: the table has {read.Count} rows, the tensors have {rows}.");
    }

    /// <summary>Reads the rows of a shard.</summary>
    /// <exception cref="InvalidDataException">It is no such table, a broken one, or its rows are not numbered from 0 on.</exception>
    public static IReadOnlyList<LatentRow> Read(Stream stream, string path)
    {
        List<LatentRow> all = [];
        ParquetTable.Read(stream, path, Wanted, (rows, columns) =>
        {
            var (keys, sources, hashes) = (Texts("key"), Texts("source"), Texts("source_sha256"));
            var (widths, heights, numbers) = ((int[])columns["width"], (int[])columns["height"], (int[])columns["row"]);
            var (lefts, tops, boxWidths, boxHeights) = (Reals("crop_left"), Reals("crop_top"), Reals("crop_width"), Reals("crop_height"));
            var (labels, captions) = (Texts("label"), Texts("caption"));
            for (var i = 0; i < rows; i++)
            {
                if (numbers[i] != all.Count || keys[i] is null || sources[i] is null || hashes[i] is null)
                {
                    throw new InvalidDataException($"{path}: entry {all.Count} has the row {numbers[i]}, or no key or source; rows must be numbered from 0 on and have both.");
                }

                all.Add(new LatentRow(keys[i]!, sources[i]!, hashes[i]!, widths[i], heights[i], lefts[i], tops[i], boxWidths[i], boxHeights[i], numbers[i], labels[i], captions[i]));
            }

            string?[] Texts(string name) => ParquetValues.Texts(columns[name]);

            double[] Reals(string name) => (double[])columns[name];
        });
        return all;
    }
}
