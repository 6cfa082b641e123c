using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace LiteVae;

/// <summary>What makes a row's posterior sample its own: the row id, or the value of a key column, which stays with the row whatever order the rows come in.</summary>
/// <remarks>A key is the first 16 bytes, little-endian, of the SHA-256 of its text in UTF-8; a number's text is its decimal digits.</remarks>
internal static class SampleKey
{
    /// <summary>Finds the key column, or null where none is asked for.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it holds neither texts nor whole numbers.</exception>
    public static DataViewSchema.Column? Find(DataViewSchema schema, string? name)
    {
        if (name is null)
        {
            return null;
        }

        var column = SchemaColumns.Find(schema, name);
        Require(name, column.Type, column.Type.ToString()!);
        return column;
    }

    /// <summary>Checks the key column in a schema's shape, where one is asked for.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it holds neither texts nor whole numbers.</exception>
    public static void Require(SchemaShape schema, string? name)
    {
        if (name is not null)
        {
            var column = SchemaShapes.Find(schema, name);
            Require(name, column.Kind == SchemaShape.Column.VectorKind.Scalar && !column.IsKey ? column.ItemType : null, column.GetTypeString());
        }
    }

    /// <summary>Something that gives the current row's key.</summary>
    public static Func<UInt128> CreateReader(DataViewRow input, DataViewSchema.Column? column) => column?.Type switch
    {
        null => IdReader(input),
        TextDataViewType => TextReader(input, column.Value),
        NumberDataViewType when column.Value.Type == NumberDataViewType.Int32 => NumberReader<int>(input, column.Value),
        NumberDataViewType when column.Value.Type == NumberDataViewType.Int64 => NumberReader<long>(input, column.Value),
        NumberDataViewType when column.Value.Type == NumberDataViewType.UInt32 => NumberReader<uint>(input, column.Value),
        _ => NumberReader<ulong>(input, column.Value),
    };

    private static void Require(string name, DataViewType? type, string shown)
    {
        var fits = type is TextDataViewType
            || new DataViewType[] { NumberDataViewType.Int32, NumberDataViewType.Int64, NumberDataViewType.UInt32, NumberDataViewType.UInt64 }.Contains(type);
        if (!fits)
        {
            throw new ArgumentOutOfRangeException(
                nameof(name), name, $"The column '{name}', named as {nameof(LiteVaeEncodeOptions.SampleKeyColumn)}, is of type {shown}; it must be a text or a whole number of 32 or 64 bits.");
        }
    }

    private static Func<UInt128> IdReader(DataViewRow input)
    {
        var get = input.GetIdGetter();
        DataViewRowId id = default;
        return () =>
        {
            get(ref id);
            return new UInt128(id.High, id.Low);
        };
    }

    private static Func<UInt128> TextReader(DataViewRow input, DataViewSchema.Column column)
    {
        var get = input.GetGetter<ReadOnlyMemory<char>>(column);
        ReadOnlyMemory<char> value = default;
        return () =>
        {
            get(ref value);
            return !value.IsEmpty ? Hash(value.ToString()) : throw new InvalidDataException($"there is no key in the column '{column.Name}'.");
        };
    }

    private static Func<UInt128> NumberReader<T>(DataViewRow input, DataViewSchema.Column column)
        where T : struct, IFormattable
    {
        var get = input.GetGetter<T>(column);
        T value = default;
        return () =>
        {
            get(ref value);
            return Hash(value.ToString(null, CultureInfo.InvariantCulture));
        };
    }

    private static UInt128 Hash(string key) => BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
