using System.Buffers.Binary;

namespace LiteVae.Training;

/// <summary>What the end of a zip file says of its directory.</summary>
/// <remarks>
/// PKWARE's APPNOTE 6.3, sections 4.3.14 to 4.3.16. The last 22 bytes are the end record: comments after it, which make it ambiguous where it is, are
/// refused. Before it stand, where there are any, zip64's locator and before that zip64's own end record.
/// </remarks>
/// <param name="Entries">Entries in the directory.</param>
/// <param name="Offset">Where the directory begins in the file.</param>
/// <param name="Length">Its bytes.</param>
internal readonly record struct ZipEnd(int Entries, long Offset, int Length)
{
    /// <summary>Most entries of an archive.</summary>
    public const int MaxEntries = 100_000;

    /// <summary>Most bytes of a directory.</summary>
    public const int MaxLength = 100_000_000;

    private const int EndBytes = 22;
    private const int LocatorBytes = 20;
    private const int End64Bytes = 56;
    private const uint EndSignature = 0x06054b50;
    private const uint LocatorSignature = 0x07064b50;
    private const uint End64Signature = 0x06064b50;

    /// <summary>Finds and checks the end of a file.</summary>
    /// <exception cref="InvalidDataException">There is none, its parts contradict each other, or it breaks a limit.</exception>
    public static ZipEnd Read(MappedFile file, Refusals refusals)
    {
        var at = file.Length - EndBytes;
        var end = at >= 0 ? file.Bytes(at, EndBytes) : [];
        refusals.Require(
            !end.IsEmpty && Int32(end) == EndSignature,
            $"its last {EndBytes} bytes are not the end of a zip file: it is truncated, or something was appended to it. Get the file anew");
        refusals.Require(Int16(end[20..]) == 0, $"the zip file has a comment of {Int16(end[20..])} bytes at its end, but the file ends before it: it is truncated");
        refusals.Require(Int32(end[4..]) == 0, $"the zip file is one of several volumes; only whole archives are read", Refusals.SaveAgain);

        ulong entries = Int16(end[10..]);
        ulong length = Int32(end[12..]);
        ulong offset = Int32(end[16..]);
        refusals.Require(Int16(end[8..]) == entries, $"the zip file's end states {Int16(end[8..])} entries in this volume and {entries} in all; they should be the same");

        var locatorAt = at - LocatorBytes;
        if (locatorAt >= 0 && Int32(file.Bytes(locatorAt, LocatorBytes)) == LocatorSignature)
        {
            at = Read64(file, locatorAt, refusals, ref entries, ref length, ref offset);
        }

        refusals.Require(entries <= MaxEntries, $"the zip file's directory claims {entries} entries; at most {MaxEntries} are allowed");
        refusals.Require(length <= MaxLength, $"the zip file's directory claims {length} bytes; at most {MaxLength} are allowed");
        refusals.Require(
            offset <= (ulong)at && length == (ulong)at - offset,
            $"the zip file's directory claims bytes {offset} to {(UInt128)offset + length}, but should end at byte {at}: the file is truncated or broken");
        return new ZipEnd((int)entries, (long)offset, (int)length);
    }

    private static long Read64(MappedFile file, long locatorAt, Refusals refusals, ref ulong entries, ref ulong length, ref ulong offset)
    {
        var locator = file.Bytes(locatorAt, LocatorBytes);
        var at = locatorAt - End64Bytes;
        refusals.Require(
            at >= 0 && Int64(locator[8..]) == (ulong)at && Int32(locator[4..]) == 0 && Int32(locator[16..]) == 1,
            $"zip64's locator points to byte {Int64(locator[8..])}, but its end record should stand at {at}: the file is broken");
        var end = file.Bytes(at, End64Bytes);
        refusals.Require(
            Int32(end) == End64Signature && Int64(end[4..]) == End64Bytes - 12 && Int64(end[16..]) == 0 && Int64(end[24..]) == Int64(end[32..]),
            $"zip64's end record at byte {at} is broken");

        // The old record must say the same, or that the number is too large for it.
        refusals.Require(
            (entries == ushort.MaxValue || entries == Int64(end[32..])) && (length == uint.MaxValue || length == Int64(end[40..])) && (offset == uint.MaxValue || offset == Int64(end[48..])),
            $"the zip file's two end records contradict each other: {entries} and {Int64(end[32..])} entries, {length} and {Int64(end[40..])} bytes from byte {offset} and {Int64(end[48..])}");
        (entries, length, offset) = (Int64(end[32..]), Int64(end[40..]), Int64(end[48..]));
        return at;
    }

    internal static ushort Int16(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    internal static uint Int32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    internal static ulong Int64(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt64LittleEndian(bytes);
}
