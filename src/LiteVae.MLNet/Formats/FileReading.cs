using Microsoft.Win32.SafeHandles;

namespace LiteVae;

/// <summary>Reading at a place.</summary>
internal static class FileReading
{
    /// <summary>Reads as many bytes as there are and fit.</summary>
    /// <returns>How many; fewer than fit where the file ends.</returns>
    public static int Fill(SafeFileHandle file, Span<byte> bytes, long offset)
    {
        var read = 0;
        while (read < bytes.Length && RandomAccess.Read(file, bytes[read..], offset + read) is var more and > 0)
        {
            read += more;
        }

        return read;
    }
}
