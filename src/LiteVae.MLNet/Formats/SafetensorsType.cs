namespace LiteVae;

/// <summary>Element types of a safetensors file, named as the file spells them (except <see cref="Bool"/>, spelled <c>BOOL</c>).</summary>
public enum SafetensorsType
{
    /// <summary>32-bit float.</summary>
    F32,

    /// <summary>16-bit IEEE float.</summary>
    F16,

    /// <summary>16-bit float with the exponent of a 32-bit one.</summary>
    BF16,

    /// <summary>64-bit float.</summary>
    F64,

    /// <summary>64-bit signed integer.</summary>
    I64,

    /// <summary>32-bit signed integer.</summary>
    I32,

    /// <summary>16-bit signed integer.</summary>
    I16,

    /// <summary>8-bit signed integer.</summary>
    I8,

    /// <summary>64-bit unsigned integer.</summary>
    U64,

    /// <summary>32-bit unsigned integer.</summary>
    U32,

    /// <summary>16-bit unsigned integer.</summary>
    U16,

    /// <summary>8-bit unsigned integer.</summary>
    U8,

    /// <summary>A byte that is 0 or 1.</summary>
    Bool,
}

/// <summary>Sizes and spellings of <see cref="SafetensorsType"/>.</summary>
internal static class SafetensorsTypes
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(this SafetensorsType type) => type switch
    {
        SafetensorsType.F64 or SafetensorsType.I64 or SafetensorsType.U64 => 8,
        SafetensorsType.F32 or SafetensorsType.I32 or SafetensorsType.U32 => 4,
        SafetensorsType.F16 or SafetensorsType.BF16 or SafetensorsType.I16 or SafetensorsType.U16 => 2,
        SafetensorsType.I8 or SafetensorsType.U8 or SafetensorsType.Bool => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not an element type of safetensors."),
    };

    /// <summary>The type as the header spells it.</summary>
    public static string Spelling(this SafetensorsType type) => type == SafetensorsType.Bool ? "BOOL" : type.ToString();

    /// <summary>The type that the header spells so, or null for one that this library does not know.</summary>
    public static SafetensorsType? FromSpelling(string? spelling) => spelling switch
    {
        "F32" => SafetensorsType.F32,
        "F16" => SafetensorsType.F16,
        "BF16" => SafetensorsType.BF16,
        "F64" => SafetensorsType.F64,
        "I64" => SafetensorsType.I64,
        "I32" => SafetensorsType.I32,
        "I16" => SafetensorsType.I16,
        "I8" => SafetensorsType.I8,
        "U64" => SafetensorsType.U64,
        "U32" => SafetensorsType.U32,
        "U16" => SafetensorsType.U16,
        "U8" => SafetensorsType.U8,
        "BOOL" => SafetensorsType.Bool,
        _ => null,
    };
}
