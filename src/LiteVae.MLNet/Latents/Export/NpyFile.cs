using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace LiteVae;

/// <summary>NumPy's .npy format, version 1.0.</summary>
internal static class NpyFile
{
    private const int Alignment = 64; // of the header, for memory maps

    /// <summary>The file of 32-bit floats.</summary>
    public static byte[] Of(ReadOnlySpan<float> values, params ReadOnlySpan<int> shape)
    {
        var header = Header("<f4", shape);
        var file = new byte[header.Length + (sizeof(float) * values.Length)];
        header.CopyTo(file, 0);
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(file.AsSpan(header.Length + (sizeof(float) * i)), values[i]);
        }

        return file;
    }

    /// <summary>The file of a list of 64-bit integers.</summary>
    public static byte[] Of(ReadOnlySpan<long> values)
    {
        var header = Header("<i8", [values.Length]);
        var file = new byte[header.Length + (sizeof(long) * values.Length)];
        header.CopyTo(file, 0);
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(header.Length + (sizeof(long) * i)), values[i]);
        }

        return file;
    }

    /// <summary>The file of a list of 64-bit floats.</summary>
    public static byte[] Of(ReadOnlySpan<double> values)
    {
        var header = Header("<f8", [values.Length]);
        var file = new byte[header.Length + (sizeof(double) * values.Length)];
        header.CopyTo(file, 0);
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(file.AsSpan(header.Length + (sizeof(double) * i)), values[i]);
        }

        return file;
    }

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
