using System.Buffers.Binary;

namespace LiteVae;

/// <summary>A tensor to be written by <see cref="SafetensorsWriter"/>.</summary>
/// <param name="Name">Its name, unique in the file; not <c>__metadata__</c>.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Shape">Its dimensions, outermost first; empty for a single value.</param>
/// <param name="Data">Its elements, row-major, little-endian: as many bytes as shape and type ask for, at most 2 GB.</param>
public sealed record SafetensorsTensor(string Name, SafetensorsType Type, IReadOnlyList<long> Shape, ReadOnlyMemory<byte> Data)
{
    /// <summary>An F32 tensor with a copy of the values.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Its dimensions, outermost first.</param>
    /// <param name="values">Its values, row-major.</param>
    /// <exception cref="ArgumentException">The shape does not hold as many values, or they take more than 2 GB.</exception>
    public static SafetensorsTensor FromFloats(string name, IReadOnlyList<long> shape, ReadOnlySpan<float> values)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (values.Length > Array.MaxLength / sizeof(float))
        {
            throw new ArgumentException($"Tensor '{name}' has {values.Length} values, over 2 GB: split it.", nameof(values));
        }

        var data = new byte[values.Length * sizeof(float)];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan(i * sizeof(float)), values[i]);
        }

        var tensor = new SafetensorsTensor(name, SafetensorsType.F32, shape, data);
        tensor.Validate();
        return tensor;
    }

    /// <summary>Refuses a tensor whose data do not fit its shape and type.</summary>
    internal void Validate()
    {
        if (string.IsNullOrEmpty(Name) || Name == SafetensorsHeader.MetadataKey)
        {
            throw new ArgumentException($"A tensor is called '{Name}': it needs a name other than '{SafetensorsHeader.MetadataKey}'.");
        }

        var length = SafetensorsHeader.ByteLength(Shape, Type);
        if (length != Data.Length)
        {
            throw new ArgumentException(
                $"Tensor '{Name}' of shape [{string.Join(", ", Shape)}] and type {Type.Spelling()} needs {length?.ToString() ?? "a countable number of"} bytes, not {Data.Length}.");
        }
    }
}
