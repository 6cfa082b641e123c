using System.Globalization;
using Parquet;
using Parquet.Schema;

namespace LiteVae;

/// <summary>The values of a parquet column as the few types that this library reads: texts, whole numbers and real numbers.</summary>
internal static class ParquetValues
{
    private static readonly Type[] Integers = [typeof(int), typeof(long), typeof(short), typeof(sbyte), typeof(byte), typeof(ushort), typeof(uint), typeof(ulong)];

    /// <summary>Whether a field's values can be read as a type; as texts, whole numbers can too.</summary>
    public static bool Is(DataField field, Type type) => type == typeof(string) ? IsText(field) || Integers.Contains(field.ClrType) : field.ClrType == type && !field.IsNullable;

    /// <summary>What a field holds, for messages.</summary>
    public static string Kind(DataField field) => $"{(IsText(field) ? nameof(String) : field.ClrType.Name)}{(field.IsNullable ? " with gaps" : "")}";

    /// <summary>A column of a row group: a string?[], an int[] or a double[].</summary>
    public static async Task<Array> Read(ParquetRowGroupReader group, DataField field, int rows)
    {
        if (IsText(field))
        {
            var texts = new string[rows];
            await group.ReadAsync(field, texts.AsMemory()!);
            return texts;
        }

        return Type.GetTypeCode(field.ClrType) switch
        {
            TypeCode.Int32 when !field.IsNullable => await Numbers<int>(group, field, rows),
            TypeCode.Double when !field.IsNullable => await Numbers<double>(group, field, rows),
            TypeCode.Int32 => await Spelled<int>(group, field, rows),
            TypeCode.Int64 => await Spelled<long>(group, field, rows),
            TypeCode.Int16 => await Spelled<short>(group, field, rows),
            TypeCode.SByte => await Spelled<sbyte>(group, field, rows),
            TypeCode.Byte => await Spelled<byte>(group, field, rows),
            TypeCode.UInt16 => await Spelled<ushort>(group, field, rows),
            TypeCode.UInt32 => await Spelled<uint>(group, field, rows),
            TypeCode.UInt64 => await Spelled<ulong>(group, field, rows),
            _ => throw new InvalidDataException($"the column '{field.Name}' holds {Kind(field)}, which is not read."),
        };
    }

    /// <summary>A column as texts; numbers are spelled.</summary>
    public static string?[] Texts(Array values) => values as string?[] ?? [.. ((int[])values).Select(value => value.ToString(CultureInfo.InvariantCulture))];

    private static bool IsText(DataField field) => field.ClrType == typeof(string) || field.ClrType == typeof(ReadOnlyMemory<char>);

    private static async Task<T[]> Numbers<T>(ParquetRowGroupReader group, DataField field, int rows)
        where T : struct
    {
        var values = new T[rows];
        await group.ReadAsync<T>(field, values.AsMemory());
        return values;
    }

    private static async Task<string?[]> Spelled<T>(ParquetRowGroupReader group, DataField field, int rows)
        where T : struct, IFormattable
    {
        if (!field.IsNullable)
        {
            return Array.ConvertAll(await Numbers<T>(group, field, rows), value => value.ToString(null, CultureInfo.InvariantCulture));
        }

        var values = new T?[rows];
        await group.ReadAsync<T>(field, values.AsMemory());
        return Array.ConvertAll(values, value => value?.ToString(null, CultureInfo.InvariantCulture));
    }
}
