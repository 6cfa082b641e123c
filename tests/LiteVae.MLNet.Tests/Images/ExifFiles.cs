using System.Buffers.Binary;

namespace LiteVae.Tests.Images;

/// <summary>Puts an EXIF orientation, or a false size, into encoded files.</summary>
internal static class ExifFiles
{
    /// <summary>A JPEG with an APP1 segment right after its start marker.</summary>
    public static byte[] InJpeg(byte[] jpeg, int orientation)
    {
        byte[] content = [.. "Exif\0\0"u8, .. Tiff(orientation)];
        var length = content.Length + 2;
        return [.. jpeg[..2], 0xFF, 0xE1, (byte)(length >> 8), (byte)length, .. content, .. jpeg[2..]];
    }

    /// <summary>A PNG with an eXIf chunk before its last one.</summary>
    public static byte[] InPng(byte[] png, int orientation)
    {
        const int endChunkBytes = 12;
        var chunk = Chunk([.. "eXIf"u8, .. Tiff(orientation)]);
        return [.. png[..^endChunkBytes], .. chunk, .. png[^endChunkBytes..]];
    }

    /// <summary>Overwrites the size in a PNG's header, checksum included.</summary>
    public static void SetPngSize(byte[] png, int width, int height)
    {
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), height);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc(png.AsSpan(12, 17)));
    }

    private static byte[] Chunk(byte[] typeAndContent)
    {
        var chunk = new byte[typeAndContent.Length + 8];
        BinaryPrimitives.WriteInt32BigEndian(chunk, typeAndContent.Length - 4);
        typeAndContent.CopyTo(chunk, 4);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(chunk.Length - 4), Crc(typeAndContent));
        return chunk;
    }

    /// <summary>A big-endian TIFF directory with the orientation alone.</summary>
    private static byte[] Tiff(int orientation) =>
        [.. "MM\0*\0\0\0\b\0\u0001"u8, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];

    /// <summary>PNG's checksum, bit by bit.</summary>
    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }
}
