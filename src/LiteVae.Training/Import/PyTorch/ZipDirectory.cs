using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using static LiteVae.Training.ZipEnd;

namespace LiteVae.Training;

/// <summary>The directory of a zip file of stored entries, wholly checked: no entry is compressed, overlaps another, or reaches out of the file.</summary>
/// <remarks>PKWARE's APPNOTE 6.3. An entry is described twice, in the directory and in front of its bytes; both must say the same.</remarks>
internal sealed class ZipDirectory
{
    /// <summary>Longest name of an entry, in bytes of UTF-8: those of PyTorch are a file's name and some twenty bytes.</summary>
    public const int MaxNameBytes = 1024;

    private const int CentralBytes = 46;
    private const int LocalBytes = 30;
    private const uint CentralSignature = 0x02014b50;
    private const uint LocalSignature = 0x04034b50;
    private const ushort Zip64Field = 1;

    // Bit 3: sizes and checksum stand behind the bytes, and zeros in front of them. Bit 11: the name is UTF-8.
    private const ushort SizesFollow = 0x0008;
    private const ushort NameIsUtf8 = 0x0800;

    private readonly MappedFile _file;
    private readonly Refusals _refusals;
    private readonly ZipEnd _end;
    private readonly List<ZipEntry> _entries;
    private readonly Dictionary<string, ZipEntry> _byName;

    private ZipDirectory(MappedFile file, Refusals refusals, ZipEnd end)
    {
        // Made as large as they can get, they do not grow.
        var most = Math.Min(end.Entries, end.Length / CentralBytes);
        (_file, _refusals, _end) = (file, refusals, end);
        (_entries, _byName) = (new(most), new(most, StringComparer.Ordinal));
    }

    /// <summary>The entries in the order of their bytes.</summary>
    public IReadOnlyList<ZipEntry> Entries => _entries;

    /// <summary>Reads and checks the directory of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="refusals">Refuses.</param>
    /// <param name="expect">Given the name of each entry before the entry itself is looked at, so that what the file is comes before what is wrong with it.</param>
    /// <exception cref="InvalidDataException">A rule of the format, or of this reader, is broken.</exception>
    public static ZipDirectory Read(MappedFile file, Refusals refusals, Action<string> expect)
    {
        var end = ZipEnd.Read(file, refusals);
        var directory = new ZipDirectory(file, refusals, end);
        var rest = file.Bytes(end.Offset, end.Length);
        while (!rest.IsEmpty)
        {
            refusals.Require(directory._entries.Count < end.Entries, $"the zip file's directory has more entries than the {end.Entries} that its end states");
            rest = rest[directory.ReadEntry(rest, expect)..];
        }

        refusals.Require(directory._entries.Count == end.Entries, $"the zip file's directory has {directory._entries.Count} entries, but its end states {end.Entries}");
        directory.RequireNoOverlap();
        return directory;
    }

    /// <summary>Looks up an entry.</summary>
    public bool TryGet(string name, [MaybeNullWhen(false)] out ZipEntry entry) => _byName.TryGetValue(name, out entry);

    /// <summary>Reads the record at the start of the bytes and returns its length.</summary>
    private int ReadEntry(ReadOnlySpan<byte> record, Action<string> expect)
    {
        var at = _end.Offset + _end.Length - record.Length;
        _refusals.Require(record.Length >= CentralBytes && Int32(record) == CentralSignature, $"there is no entry of the zip file's directory at byte {at}, where one should be");
        var (nameLength, extraLength, commentLength) = (Int16(record[28..]), Int16(record[30..]), Int16(record[32..]));
        var length = CentralBytes + nameLength + extraLength + commentLength;
        _refusals.Require(length <= record.Length, $"the entry of the zip file's directory at byte {at} claims {length} bytes, but only {record.Length} follow");
        _refusals.Require(nameLength <= MaxNameBytes, $"the entry of the zip file's directory at byte {at} has a name of {nameLength} bytes; at most {MaxNameBytes} are allowed");

        var nameBytes = record.Slice(CentralBytes, nameLength);
        _refusals.Require(Utf8.IsValid(nameBytes), $"the entry of the zip file's directory at byte {at} has a name that is not valid UTF-8");
        var name = Encoding.UTF8.GetString(nameBytes);
        RequirePlainPath(name);
        expect(name);

        var (flags, method) = (Int16(record[8..]), Int16(record[10..]));
        _refusals.Require((flags & ~(SizesFollow | NameIsUtf8)) == 0, $"the entry '{name}' has the flags '{flags:x4}': it is encrypted or of an unknown kind", Refusals.SaveAgain);
        _refusals.Require(method == 0, $"the entry '{name}' is compressed (method {method}); only stored entries are read, which torch.save writes", Refusals.SaveAgain);

        long size = Int32(record[24..]), stored = Int32(record[20..]), offset = Int32(record[42..]);
        Widen(record.Slice(CentralBytes + nameLength, extraLength), name, ref size, ref stored, ref offset);
        _refusals.Require(size == stored, $"the entry '{name}' takes {stored} bytes but claims to hold {size}");
        _refusals.Require(Int16(record[34..]) == 0, $"the entry '{name}' is on another volume; only whole archives are read");

        var crc = Int32(record[16..]);
        var entry = new ZipEntry(name, offset, DataOffset(name, nameBytes, flags, crc, size, offset), size, crc);
        _refusals.Require(_byName.TryAdd(name, entry), $"the zip file has two entries called '{name}'");
        _entries.Add(entry);
        return length;
    }

    /// <summary>Checks an entry's local header and returns where the bytes behind it begin.</summary>
    private long DataOffset(string name, ReadOnlySpan<byte> nameBytes, ushort flags, uint crc, long size, long offset)
    {
        _refusals.Require(offset >= 0 && offset <= _end.Offset - LocalBytes, $"the entry '{name}' begins at byte {offset}, outside of the {_end.Offset} bytes in front of the directory");
        var local = _file.Bytes(offset, LocalBytes);
        _refusals.Require(Int32(local) == LocalSignature, $"the entry '{name}' should begin at byte {offset}, but no entry does");

        var (nameLength, extraLength) = (Int16(local[26..]), Int16(local[28..]));
        var data = offset + LocalBytes + nameLength + extraLength;
        _refusals.Require(
            size >= 0 && data <= _end.Offset && size <= _end.Offset - data,
            $"the entry '{name}' has {size} bytes from byte {data}, which reaches beyond the {_end.Offset} bytes in front of the directory");
        var rest = _file.Bytes(offset + LocalBytes, nameLength + extraLength);
        var agrees = Int16(local[6..]) == flags && Int16(local[8..]) == 0 && rest[..nameLength].SequenceEqual(nameBytes);

        var maySkip = (flags & SizesFollow) != 0;
        long localSize = Int32(local[22..]), localStored = Int32(local[18..]), none = 0;
        Widen(rest[nameLength..], name, ref localSize, ref localStored, ref none);
        agrees &= Same(Int32(local[14..]), crc) && Same(localSize, size) && Same(localStored, size);
        _refusals.Require(agrees, $"the entry '{name}' is described otherwise in the directory than in front of its bytes, at byte {offset}");
        return data;

        bool Same(long front, long central) => front == central || (maySkip && front == 0);
    }

    /// <summary>Numbers of all ones are replaced by those that stand in the extra field of zip64, in this order.</summary>
    private void Widen(ReadOnlySpan<byte> extra, string name, ref long size, ref long stored, ref long offset)
    {
        if (size != uint.MaxValue && stored != uint.MaxValue && offset != uint.MaxValue)
        {
            return;
        }

        while (extra.Length >= 4 && Int16(extra) != Zip64Field)
        {
            extra = extra[Math.Min(extra.Length, 4 + Int16(extra[2..]))..];
        }

        var field = extra.Length >= 4 && Int16(extra[2..]) <= extra.Length - 4 ? extra.Slice(4, Int16(extra[2..])) : [];
        Next(ref field, ref size);
        Next(ref field, ref stored);
        Next(ref field, ref offset);

        void Next(ref ReadOnlySpan<byte> numbers, ref long number)
        {
            if (number == uint.MaxValue)
            {
                _refusals.Require(numbers.Length >= 8, $"the entry '{name}' has no zip64 field with its sizes, though it needs one");
                number = (long)Int64(numbers);
                numbers = numbers[8..];
            }
        }
    }

    /// <summary>Nothing is ever unpacked; a file with such names was still made to do harm.</summary>
    private void RequirePlainPath(string name)
    {
        var isPlain = name.Length > 0 && !name.Contains('\\', StringComparison.Ordinal) && !name.AsSpan().ContainsAnyInRange('\0', '\x1f');
        var first = true;
        foreach (var range in name.AsSpan().Split('/'))
        {
            var part = name.AsSpan()[range];
            var isFolder = part.IsEmpty && range.End.GetOffset(name.Length) == name.Length;
            isPlain &= (isFolder && !first) || part is not ("" or "." or ".." or [_, ':']);
            first = false;
        }

        _refusals.Require(isPlain, $"the zip file has an entry called '{name}': absolute paths, '.', '..', backslashes and control characters are not allowed");
    }

    private void RequireNoOverlap()
    {
        _entries.Sort((a, b) => a.HeaderOffset.CompareTo(b.HeaderOffset));
        for (var i = 1; i < _entries.Count; i++)
        {
            var (before, entry) = (_entries[i - 1], _entries[i]);
            _refusals.Require(
                before.Offset + before.Length <= entry.HeaderOffset,
                $"the entry '{entry.Name}' begins at byte {entry.HeaderOffset}, inside the entry '{before.Name}', which ends at byte {before.Offset + before.Length}");
        }
    }
}
