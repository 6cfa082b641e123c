using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace LiteVae;

/// <summary>NumPy's .npy format, version 1.0.</summary>
internal static class NpyFile
{
    private const int Alignment = 64; // of the header, for memory maps

    /// <summary>The file of 32-bit floats.</summary>
    public static byte[] Of(ReadOnlySpan<float> values, params ReadOnlySpan<int> shape) => Of("<f4", values, shape);

    /// <summary>The file of a list of 64-bit integers.</summary>
    public static byte[] Of(ReadOnlySpan<long> values) => Of("<i8", values, [values.Length]);

    /// <summary>The file of a list of 64-bit floats.</summary>
    public static byte[] Of(ReadOnlySpan<double> values) => Of("<f8", values, [values.Length]);

    // as they lie in memory: ONNX Runtime and libtorch have no packages for processors that are not little-endian
    private static byte[] Of<T>(string type, ReadOnlySpan<T> values, ReadOnlySpan<int> shape)
        where T : unmanaged => [.. Header(type, shape), .. MemoryMarshal.AsBytes(values)];

    private static byte[] Header(string type, ReadOnlySpan<int> shape)
    {
        const int prefix = 10; // magic, version, length
        var sides = new StringBuilder();
        foreach (var side in shape)
        {
            sides.Append(CultureInfo.InvariantCulture, $"{side}, "); // a tuple of one has a comma too
        }

        var text = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({sides.ToString().TrimEnd(' ')}), }}";
        var length = ((prefix + text.Length + 1 + Alignment - 1) / Alignment * Alignment) - prefix;
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)length, (byte)(length >> 8), .. Encoding.ASCII.GetBytes(text.PadRight(length - 1) + "\n")];
    }
}
