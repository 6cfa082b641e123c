using Parquet;
using Parquet.Schema;

namespace LiteVae;

/// <summary>A column of a parquet file: its field, and how rows are written to it.</summary>
/// <param name="Field">Name and type.</param>
/// <param name="Write">Writes the column of a row group.</param>
internal sealed record ParquetColumn<T>(DataField Field, Func<ParquetRowGroupWriter, IReadOnlyList<T>, Task> Write)
{
    /// <summary>A column of texts without gaps.</summary>
    public static ParquetColumn<T> Text(string name, Func<T, string> value) => Texts(new DataField(name, typeof(string), isNullable: false), value);

    /// <summary>A column of texts with gaps.</summary>
    public static ParquetColumn<T> OptionalText(string name, Func<T, string?> value) => Texts(new DataField(name, typeof(string), isNullable: true), value);

    /// <summary>A column of whole numbers of 32 bits.</summary>
    public static ParquetColumn<T> Integer(string name, Func<T, int> value) => Numbers(name, value);

    /// <summary>A column of floating-point numbers of 64 bits.</summary>
    public static ParquetColumn<T> Real(string name, Func<T, double> value) => Numbers(name, value);

    private static ParquetColumn<T> Texts(DataField field, Func<T, string?> value) => new(field, (writer, rows) => writer.WriteAsync(field, rows.Select(value).ToArray()!));

    private static ParquetColumn<T> Numbers<TNumber>(string name, Func<T, TNumber> value)
        where TNumber : struct
    {
        var field = new DataField(name, typeof(TNumber), isNullable: false);
        return new ParquetColumn<T>(field, (writer, rows) => writer.WriteAsync<TNumber>(field, rows.Select(value).ToArray().AsMemory()));
    }
}
