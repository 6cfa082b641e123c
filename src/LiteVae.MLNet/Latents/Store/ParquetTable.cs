using Parquet;
using Parquet.Schema;

namespace LiteVae;

/// <summary>Writes and reads the parquet files of a store.</summary>
/// <remarks>
/// They are not compressed: beside the moments they are small, and compressors give other bytes on other machines, where files must not differ.
/// Row groups are bounded in rows and in text, so that neither side ever holds more.
/// </remarks>
internal static class ParquetTable
{
    private const int MaxGroupRows = 8192;
    private const long MaxGroupText = 8 << 20;

    // what one row group may ask a reader to hold
    private const long MaxGroupBytes = 1L << 30;

    private static readonly ParquetOptions Options = new() { CompressionMethod = CompressionMethod.None };

    /// <summary>Writes rows as they come.</summary>
    /// <param name="stream">Where to; stays open.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="text">Characters of a row's texts.</param>
    public static void Write<T>(Stream stream, IReadOnlyList<ParquetColumn<T>> columns, IEnumerable<T> rows, Func<T, long> text) => Finish(async () =>
    {
        var schema = new ParquetSchema(columns.Select(column => column.Field));
        await using var writer = await ParquetWriter.CreateAsync(schema, stream, Options);
        foreach (var group in Groups(rows, text))
        {
            using var groupWriter = writer.CreateRowGroup();
            foreach (var column in columns)
            {
                await column.Write(groupWriter, group);
            }
        }

        return true;
    });

    /// <summary>Reads a file, a row group at a time.</summary>
    /// <param name="stream">The file; stays open.</param>
    /// <param name="path">Its name, for messages.</param>
    /// <param name="columns">The columns wanted.</param>
    /// <param name="read">Receives a row group's number of rows and, by name, the columns that it has.</param>
    /// <exception cref="InvalidDataException">It is no parquet file, or a broken one.</exception>
    public static void Read(Stream stream, string path, IReadOnlyList<(string Name, Type Type, bool IsOptional)> columns, Action<int, IReadOnlyDictionary<string, Array>> read)
    {
        try
        {
            Finish(async () =>
            {
                await using var reader = await ParquetReader.CreateAsync(stream, Options, leaveStreamOpen: true);
                var fields = Fields(reader.Schema, path, columns);
                for (var group = 0; group < reader.RowGroupCount; group++)
                {
                    using var groupReader = reader.OpenRowGroupReader(group);
                    var (rows, bytes) = (groupReader.RowCount, groupReader.RowGroup.TotalByteSize);
                    if (rows is < 0 or > int.MaxValue || rows > stream.Length * 8L * MaxGroupRows || bytes is < 0 or > MaxGroupBytes)
                    {
                        throw new InvalidDataException($"{path}: row group {group} has {rows} rows and {bytes} bytes; at most {MaxGroupBytes} bytes are read. Write it in smaller row groups.");
                    }

                    Dictionary<string, Array> values = new(StringComparer.Ordinal);
                    foreach (var field in fields)
                    {
                        values[field.Name] = await ParquetValues.Read(groupReader, field, (int)rows);
                    }

                    read((int)rows, values);
                }

                return true;
            });
        }
        catch (Exception e) when (e is not (InvalidDataException or OperationCanceledException or OutOfMemoryException))
        {
            throw new InvalidDataException($"{path}: no parquet file that can be read, or a broken one: {FaultText.Printable(e.Message)}", e);
        }
    }

    private static List<DataField> Fields(ParquetSchema schema, string path, IReadOnlyList<(string Name, Type Type, bool IsOptional)> columns)
    {
        List<DataField> fields = [];
        foreach (var (name, type, isOptional) in columns)
        {
            if (schema.Fields.OfType<DataField>().FirstOrDefault(field => field.Name == name && !field.IsArray) is { } field)
            {
                fields.Add(ParquetValues.Is(field, type) ? field : throw new InvalidDataException($"{path}: the column '{name}' holds {ParquetValues.Kind(field)}; {type.Name} is needed."));
            }
            else if (!isOptional)
            {
                throw new InvalidDataException($"{path}: there is no column '{name}'; there are {FaultText.Printable(string.Join(", ", schema.Fields.Select(other => other.Name)))}.");
            }
        }

        return fields;
    }

    private static IEnumerable<List<T>> Groups<T>(IEnumerable<T> rows, Func<T, long> text)
    {
        List<T> group = [];
        var characters = 0L;
        foreach (var row in rows)
        {
            group.Add(row);
            characters += text(row);
            if (group.Count == MaxGroupRows || characters >= MaxGroupText)
            {
                yield return group;
                (group, characters) = ([], 0);
            }
        }

        if (group.Count > 0)
        {
            yield return group;
        }
    }

    // On a thread of the pool, so that no caller's synchronisation context waits for itself.
    private static T Finish<T>(Func<Task<T>> work) => Task.Run(work).GetAwaiter().GetResult();
}
