using System.Buffers.Binary;
using SkiaSharp;

namespace LiteVae;

/// <summary>Finds the EXIF orientation in PNG and WebP files, which Skia does not report.</summary>
internal static class ExifOrientation
{
    private const int PngSignatureBytes = 8;
    private const int PngFrameBytes = 12; // length, type and checksum around a chunk
    private const int RiffHeaderBytes = 12;
    private const int RiffFrameBytes = 8; // type and length before a chunk
    private const ushort OrientationTag = 0x0112;
    private const ushort ShortType = 3;
    private const int DirectoryEntryBytes = 12;

    /// <summary>The orientation in a PNG file's <c>eXIf</c> chunk; the plain one where there is none or it makes no sense.</summary>
    public static SKEncodedOrigin InPng(ReadOnlySpan<byte> png)
    {
        for (var rest = png[PngSignatureBytes..]; rest.Length >= PngFrameBytes;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > rest.Length - PngFrameBytes)
            {
                break;
            }

            if (rest[4..8].SequenceEqual("eXIf"u8))
            {
                return InTiff(rest.Slice(8, (int)length));
            }

            rest = rest[(PngFrameBytes + (int)length)..];
        }

        return SKEncodedOrigin.Default;
    }

    /// <summary>The orientation in a WebP file's <c>EXIF</c> chunk; the plain one where there is none or it makes no sense.</summary>
    public static SKEncodedOrigin InWebp(ReadOnlySpan<byte> webp)
    {
        for (var rest = webp[RiffHeaderBytes..]; rest.Length >= RiffFrameBytes;)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
            if (length > rest.Length - RiffFrameBytes)
            {
                break;
            }

            var chunk = rest.Slice(RiffFrameBytes, (int)length);
            if (rest.StartsWith("EXIF"u8))
            {
                // Many writers put JPEG's marker in front, which does not belong here.
                return InTiff(chunk.StartsWith("Exif\0\0"u8) ? chunk[6..] : chunk);
            }

            var padded = RiffFrameBytes + (int)length + (int)(length & 1);
            rest = rest[Math.Min(padded, rest.Length)..];
        }

        return SKEncodedOrigin.Default;
    }

    /// <summary>The orientation in the first directory of a TIFF structure.</summary>
    private static SKEncodedOrigin InTiff(ReadOnlySpan<byte> tiff)
    {
        var littleEndian = tiff.StartsWith("II*\0"u8);
        if (tiff.Length < 8 || !(littleEndian || tiff.StartsWith("MM\0*"u8)))
        {
            return SKEncodedOrigin.Default;
        }

        var start = littleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]);
        if (start > tiff.Length - 2)
        {
            return SKEncodedOrigin.Default;
        }

        var entries = ReadShort(tiff[(int)start..], littleEndian);
        var rest = tiff[((int)start + 2)..];
        for (var i = 0; i < entries && rest.Length >= DirectoryEntryBytes; i++, rest = rest[DirectoryEntryBytes..])
        {
            if (ReadShort(rest, littleEndian) == OrientationTag && ReadShort(rest[2..], littleEndian) == ShortType)
            {
                return (SKEncodedOrigin)ReadShort(rest[8..], littleEndian);
            }
        }

        return SKEncodedOrigin.Default;
    }

    private static ushort ReadShort(ReadOnlySpan<byte> bytes, bool littleEndian) =>
        littleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
}
