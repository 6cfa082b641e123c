using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace LiteVae;

/// <summary>Columns of which a store takes texts: keys, labels, captions. Numbers are written as .NET writes them in every culture.</summary>
internal static class TextColumn
{
    private static readonly Dictionary<DataViewType, Func<DataViewRow, DataViewSchema.Column, Func<string?>>> Readers = new()
    {
        [TextDataViewType.Instance] = Texts,
        [BooleanDataViewType.Instance] = Values<bool>,
        [NumberDataViewType.SByte] = Values<sbyte>,
        [NumberDataViewType.Byte] = Values<byte>,
        [NumberDataViewType.Int16] = Values<short>,
        [NumberDataViewType.UInt16] = Values<ushort>,
        [NumberDataViewType.Int32] = Values<int>,
        [NumberDataViewType.UInt32] = Values<uint>,
        [NumberDataViewType.Int64] = Values<long>,
        [NumberDataViewType.UInt64] = Values<ulong>,
        [NumberDataViewType.Single] = Values<float>,
        [NumberDataViewType.Double] = Values<double>,
    };

    /// <summary>Finds a column, or null where none is asked for.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="name">The column's name, or null.</param>
    /// <param name="role">The option that names it.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it holds neither texts nor numbers.</exception>
    public static DataViewSchema.Column? Find(DataViewSchema schema, string? name, string role)
    {
        if (name is null)
        {
            return null;
        }

        var column = SchemaColumns.Find(schema, name);
        return Readers.ContainsKey(column.Type) ? column : throw new ArgumentOutOfRangeException(
            nameof(name), name, $"The column '{name}', named as {role}, is of type {column.Type}; it must be a text, a number or a boolean{(column.Type is KeyDataViewType ? ": put MapKeyToValue before it" : "")}.");
    }

    /// <summary>Something that gives the current row's text; null where it is empty.</summary>
    public static Func<string?> CreateReader(DataViewRow input, DataViewSchema.Column? column) => column is { } found ? Readers[found.Type](input, found) : () => null;

    private static Func<string?> Texts(DataViewRow input, DataViewSchema.Column column)
    {
        var get = input.GetGetter<ReadOnlyMemory<char>>(column);
        ReadOnlyMemory<char> value = default;
        return () =>
        {
            get(ref value);
            return value.IsEmpty ? null : value.ToString();
        };
    }

    private static Func<string?> Values<T>(DataViewRow input, DataViewSchema.Column column)
        where T : struct, IConvertible
    {
        var get = input.GetGetter<T>(column);
        T value = default;
        return () =>
        {
            get(ref value);
            return value.ToString(CultureInfo.InvariantCulture);
        };
    }
}
