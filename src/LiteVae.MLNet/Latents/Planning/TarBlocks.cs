using Microsoft.Win32.SafeHandles;

namespace LiteVae;

/// <summary>
/// The headers of a tar file and its end, as they must be before <see cref="System.Formats.Tar.TarReader"/> is asked: that compares no checksums,
/// and takes a header without one, and the end of the file wherever it is, for the end of the archive.
/// </summary>
internal static class TarBlocks
{
    private const int Block = 512;

    // Fields of a header; all formats have these.
    private const int SizeAt = 124;
    private const int SizeLength = 12;
    private const int ChecksumAt = 148;
    private const int ChecksumLength = 8;
    private const int TypeAt = 156;

    /// <summary>Whether a member begins at a place, with headers that are whole; false where the archive ends as it must.</summary>
    /// <param name="file">The tar file.</param>
    /// <param name="offset">The place.</param>
    /// <param name="cancellation">Ends the look at what fills the file up.</param>
    /// <exception cref="InvalidDataException">A header is damaged, the file was cut, or something follows the archive's end.</exception>
    public static bool IsMember(SafeFileHandle file, long offset, CancellationToken cancellation)
    {
        Span<byte> block = stackalloc byte[Block];
        for (var at = offset; ;)
        {
            if (FileReading.Fill(file, block, at) < Block)
            {
                throw new InvalidDataException($"it ends at byte {RandomAccess.GetLength(file)}, before the empty blocks that end a tar file: it was cut, or is still being written");
            }

            if (at == offset && !block.ContainsAnyExcept((byte)0))
            {
                CheckEmpty(file, at, cancellation);
                return false;
            }

            if (!IsChecksum(block))
            {
                throw new InvalidDataException(at == 0
                    ? "it does not begin with the header of a tar file; a compressed one must be unpacked first"
                    : $"the header at byte {at} is damaged, its checksum does not fit");
            }

            if (block[TypeAt] is not ((byte)'x' or (byte)'L' or (byte)'K'))
            {
                return true;
            }

            // More about the member, a long name say; its own header follows.
            var size = Octal(block.Slice(SizeAt, SizeLength)) ?? throw new InvalidDataException($"the header at byte {at} has no size");
            at = Next(at + Block + size);
        }
    }

    /// <summary>Where the next block begins, at or after a place.</summary>
    public static long Next(long offset) => (offset + Block - 1) / Block * Block;

    private static void CheckEmpty(SafeFileHandle file, long end, CancellationToken cancellation)
    {
        var bytes = new byte[1 << 16];
        var at = end;
        for (int read; (read = FileReading.Fill(file, bytes, at)) > 0; at += read)
        {
            cancellation.ThrowIfCancellationRequested();
            if (bytes.AsSpan(0, read).IndexOfAnyExcept((byte)0) is var other and >= 0)
            {
                throw new InvalidDataException($"the empty block at byte {end} should end the file, but byte {at + other} is not empty: a header was lost, or tar files were put into one, which are to be named each by itself");
            }
        }
    }

    /// <summary>Whether the checksum is the sum of the header's bytes, its own being spaces; some old programs took them as signed.</summary>
    private static bool IsChecksum(ReadOnlySpan<byte> header)
    {
        var (sum, signed) = (0, 0);
        for (var i = 0; i < header.Length; i++)
        {
            var value = i is >= ChecksumAt and < ChecksumAt + ChecksumLength ? (byte)' ' : header[i];
            sum += value;
            signed += (sbyte)value;
        }

        return Octal(header.Slice(ChecksumAt, ChecksumLength)) is { } checksum && (checksum == sum || checksum == signed);
    }

    private static long? Octal(ReadOnlySpan<byte> field)
    {
        var value = 0L;
        foreach (var digit in field.Trim(" \0"u8))
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return null;
            }

            value = (8 * value) + digit - '0';
        }

        return value;
    }
}
