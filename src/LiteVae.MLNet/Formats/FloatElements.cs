using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace LiteVae;

/// <summary>Elements of tensor files as floats: F16 and BF16 widen exactly, F64 rounds to nearest. Files hold them little-endian.</summary>
internal static class FloatElements
{
    /// <summary>Whether elements of this type are floats.</summary>
    public static bool IsFloat(this SafetensorsType type) => type is SafetensorsType.F32 or SafetensorsType.F16 or SafetensorsType.BF16 or SafetensorsType.F64;

    /// <summary>Reads elements that stand <paramref name="stride"/> elements apart, the first at the start of the bytes.</summary>
    /// <param name="bytes">As many bytes as the last element needs, or more.</param>
    /// <param name="type">A type of floats.</param>
    /// <param name="stride">1 for elements side by side.</param>
    /// <param name="values">Receives the values; its length says how many there are.</param>
    public static void Read(ReadOnlySpan<byte> bytes, SafetensorsType type, int stride, Span<float> values)
    {
        var step = stride * type.Size();
        switch (type)
        {
            case SafetensorsType.F32 when stride == 1 && BitConverter.IsLittleEndian: // many at a time: latents are read so
                MemoryMarshal.Cast<byte, float>(bytes)[..values.Length].CopyTo(values);
                break;
            case SafetensorsType.F32:
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(step * i)..]);
                }

                break;
            case SafetensorsType.F16 when stride == 1 && BitConverter.IsLittleEndian:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes)[..values.Length], values);
                break;
            case SafetensorsType.F16:
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(step * i)..]);
                }

                break;
            case SafetensorsType.BF16:
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes[(step * i)..]) << 16);
                }

                break;
            case SafetensorsType.F64:
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes[(step * i)..]);
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "Not a type of floats.");
        }
    }

    /// <summary>What a message about a tensor of another type says, without its full stop.</summary>
    public static string Needed(string name, SafetensorsType type) =>
        $"tensor '{FaultText.Printable(name)}' has elements of type {type.Spelling()}; floats (F32, F16, BF16, F64) are needed here";
}
