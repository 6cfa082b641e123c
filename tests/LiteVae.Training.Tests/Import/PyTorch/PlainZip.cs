using System.Buffers.Binary;
using System.Text;

namespace LiteVae.Training.Tests.Import.PyTorch;

/// <summary>One entry to be written; what is null is written as it should be.</summary>
internal sealed record ZipItem(string Name, byte[] Data)
{
    public byte[]? NameBytes { get; init; }

    public string? FrontName { get; init; }

    public int Method { get; init; }

    public int Flags { get; init; } = 0x0800;

    public uint? Crc { get; init; }

    public uint? FrontCrc { get; init; }

    public uint? Size { get; init; }

    public uint? Stored { get; init; }

    public uint? FrontSize { get; init; }

    public uint? Offset { get; init; }

    public byte[] Extra { get; init; } = [];

    public byte[] FrontExtra { get; init; } = [];

    public int Disk { get; init; }
}

/// <summary>The end to be written; what is null is written as it should be.</summary>
internal sealed record ZipTail
{
    public int? Entries { get; init; }

    public uint? Length { get; init; }

    public uint? Offset { get; init; }

    public int Disk { get; init; }

    public int CommentLength { get; init; }

    public byte[] After { get; init; } = [];

    public bool Zip64 { get; init; }

    public long? Entries64 { get; init; }

    public long? Length64 { get; init; }

    public long? Offset64 { get; init; }

    public long? Record64 { get; init; }

    public long? RecordLength64 { get; init; }
}

/// <summary>The oracle: zip files written by the letter of the format, or beside it, with none of our code.</summary>
internal static class PlainZip
{
    public static byte[] File(IEnumerable<ZipItem> items, ZipTail? tail = null)
    {
        var file = new MemoryStream();
        var directory = new MemoryStream();
        var count = 0;
        foreach (var item in items)
        {
            count++;
            var offset = file.Length;
            var crc = item.Crc ?? Crc32(item.Data);
            var size = item.Size ?? (uint)item.Data.Length;
            var name = item.NameBytes ?? Encoding.UTF8.GetBytes(item.Name);
            var frontName = item.FrontName is null ? name : Encoding.UTF8.GetBytes(item.FrontName);
            Write(file, (0x04034b50, 4), (20, 2), (item.Flags, 2), (item.Method, 2), (0, 4), (item.FrontCrc ?? crc, 4));
            Write(file, (item.FrontSize ?? size, 4), (item.FrontSize ?? size, 4), (frontName.Length, 2), (item.FrontExtra.Length, 2));
            file.Write([.. frontName, .. item.FrontExtra, .. item.Data]);
            Write(directory, (0x02014b50, 4), (20, 2), (20, 2), (item.Flags, 2), (item.Method, 2), (0, 4), (crc, 4), (item.Stored ?? size, 4), (size, 4));
            Write(directory, (name.Length, 2), (item.Extra.Length, 2), (0, 2), (item.Disk, 2), (0, 2), (0, 4), (item.Offset ?? offset, 4));
            directory.Write([.. name, .. item.Extra]);
        }

        var (start, length) = (file.Length, directory.Length);
        directory.WriteTo(file);
        tail ??= new ZipTail();
        if (tail.Zip64)
        {
            var at = file.Length;
            Write(file, (0x06064b50, 4), (tail.RecordLength64 ?? 44, 8), (45, 2), (45, 2), (0, 8), (tail.Entries64 ?? count, 8), (tail.Entries64 ?? count, 8));
            Write(file, (tail.Length64 ?? length, 8), (tail.Offset64 ?? start, 8), (0x07064b50, 4), (0, 4), (tail.Record64 ?? at, 8), (1, 4));
        }

        Write(file, (0x06054b50, 4), (tail.Disk, 2), (0, 2), (tail.Entries ?? count, 2), (tail.Entries ?? count, 2));
        Write(file, (tail.Length ?? length, 4), (tail.Offset ?? start, 4), (tail.CommentLength, 2));
        file.Write(tail.After);
        return file.ToArray();
    }

    /// <summary>CRC-32 bit by bit.</summary>
    public static uint Crc32(byte[] data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        return ~crc;
    }

    private static void Write(MemoryStream stream, params (long Value, int Bytes)[] fields)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        foreach (var (value, count) in fields)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
            stream.Write(bytes[..count]);
        }
    }
}
