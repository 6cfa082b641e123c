using System.Buffers.Binary;
using System.Numerics.Tensors;

namespace LiteVae;

/// <summary>The element types that a store may have, and what becomes of floats in them.</summary>
internal static class MomentsType
{
    /// <summary>Whether a store may have it.</summary>
    public static bool IsAllowed(SafetensorsType type) => type is SafetensorsType.F16 or SafetensorsType.BF16 or SafetensorsType.F32;

    /// <summary>Rounds values to a type, to nearest and halves to even, and gives both the bytes as a file holds them and the rounded values.</summary>
    /// <param name="values">The values; replaced by what the bytes say.</param>
    /// <param name="type">F16, BF16 or F32.</param>
    /// <param name="bytes">Receives them, little-endian.</param>
    /// <returns>Index of the first value that is not finite in that type, or -1.</returns>
    public static int Round(Span<float> values, SafetensorsType type, Span<byte> bytes)
    {
        switch (type)
        {
            case SafetensorsType.F32:
                for (var i = 0; i < values.Length; i++)
                {
                    BinaryPrimitives.WriteSingleLittleEndian(bytes[(sizeof(float) * i)..], values[i]);
                }

                break;
            case SafetensorsType.F16:
                var halves = new Half[values.Length];
                TensorPrimitives.ConvertToHalf(values, halves);
                for (var i = 0; i < halves.Length; i++)
                {
                    BinaryPrimitives.WriteHalfLittleEndian(bytes[(2 * i)..], halves[i]);
                }

                TensorPrimitives.ConvertToSingle(halves, values);
                break;
            case SafetensorsType.BF16:
                for (var i = 0; i < values.Length; i++)
                {
                    var upper = Upper(BitConverter.SingleToUInt32Bits(values[i]));
                    BinaryPrimitives.WriteUInt16LittleEndian(bytes[(2 * i)..], upper);
                    values[i] = BitConverter.UInt32BitsToSingle((uint)upper << 16);
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "A store has F16, BF16 or F32.");
        }

        return values.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
    }

    // A float's upper half; half a unit of it is added to what is cut off, less one bit where the upper half is even. A NaN must not round to infinity.
    private static ushort Upper(uint bits) =>
        float.IsNaN(BitConverter.UInt32BitsToSingle(bits)) ? (ushort)((bits >> 16) | 0x40) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}
