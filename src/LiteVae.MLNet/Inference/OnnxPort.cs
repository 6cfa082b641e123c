using LiteVae.Formats.Onnx;

namespace LiteVae;

/// <summary>An input or output of an ONNX graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ElementType">ONNX's number of the element type; 0 where the file does not say.</param>
/// <param name="Dimensions">The dimensions, of which null ones are free, with their names; null where the file does not say.</param>
internal sealed record OnnxPort(string Name, int ElementType, IReadOnlyList<(long? Size, string Name)>? Dimensions)
{
    public const int Float = 1;
    public const int Float16 = 10;
    public const int Double = 11;
    public const int BFloat16 = 16;

    /// <summary>Whether values can be exchanged: 32-bit floats, or 16-bit ones, which are converted.</summary>
    public bool HasKnownType => ElementType is Float or Float16;

    /// <summary>Number of channels, or null where it is free or not stated.</summary>
    public int? Channels => Dimensions is [_, (>= 0 and <= int.MaxValue and var channels, _), _, _] ? (int)channels : null;

    public static OnnxPort From(ValueInfo value)
    {
        var type = value.Type?.TensorType;
        return new OnnxPort(value.Name, type?.ElemType ?? 0, type?.Shape?.Dim.Select(dim => (dim.HasDimValue ? dim.DimValue : (long?)null, dim.HasDimParam ? dim.DimParam : "?")).ToList());
    }

    /// <summary>As the messages write it, for example <c>'sample' f32 [N, 3, H, W]</c>.</summary>
    public override string ToString()
    {
        var shape = Dimensions is null ? "of a shape not stated" : $"[{string.Join(", ", Dimensions.Select(dimension => dimension.Size?.ToString() ?? dimension.Name))}]";
        return $"'{Name}' {TypeName} {shape}";
    }

    private string TypeName => ElementType switch
    {
        Float => "f32",
        Float16 => "f16",
        Double => "f64",
        BFloat16 => "bf16",
        _ => $"of element type {ElementType}",
    };
}
