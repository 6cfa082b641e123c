using System.Buffers.Binary;
using LiteVae.Tests;
using static LiteVae.Training.Tests.Import.PyTorch.PlainPyTorch;

namespace LiteVae.Training.Tests.Import.PyTorch;

/// <summary>Zip files that lie, each in one way.</summary>
public sealed class HostileZipTests : IDisposable
{
    private static readonly byte[] Sizes64 = Extra(1, 24, 24);

    private static readonly Dictionary<string, (Func<byte[]> File, string Says)> Kinds = new()
    {
        ["truncated in the directory"] = (() => Whole()[..^30], "its last 22 bytes are not the end of a zip file: it is truncated"),
        ["truncated in the data"] = (() => Whole()[..100], "its last 22 bytes are not the end of a zip file: it is truncated"),
        ["truncated to its signature"] = (() => Whole()[..4], "its last 22 bytes are not the end of a zip file: it is truncated"),
        ["something appended"] = (() => [.. Whole(), 0], "or something was appended to it"),
        ["something in front"] = (() => [.. "PK"u8, .. Whole()], "should end at byte"),
        ["a comment that is not there"] = (() => Zip(new ZipTail { CommentLength = 9 }), "has a comment of 9 bytes at its end"),
        ["a comment"] = (() => Zip(new ZipTail { CommentLength = 3, After = [1, 2, 3] }), "its last 22 bytes are not the end of a zip file"),
        ["several volumes"] = (() => Zip(new ZipTail { Disk = 1 }), "one of several volumes"),
        ["an empty archive"] = (() => PlainZip.File([]), "no entry 'FOLDER/data.pkl'"),
        ["more entries claimed than there are"] = (() => Zip(new ZipTail { Entries = 4 }), "has 3 entries, but its end states 4"),
        ["fewer entries claimed than there are"] = (() => Zip(new ZipTail { Entries = 2 }), "has more entries than the 2 that its end states"),
        ["more entries than allowed"] = (() => Zip(new ZipTail { Zip64 = true, Entries = 0xFFFF, Entries64 = 100_001 }), "claims 100001 entries; at most 100000 are allowed"),
        ["a directory outside of the file"] = (() => Zip(new ZipTail { Offset = 1_000_000 }), "claims bytes 1000000 to"),
        ["a directory longer than the file"] = (() => Zip(new ZipTail { Length = 50_000_000 }), "should end at byte"),
        ["a directory over the limit"] = (() => Zip(new ZipTail { Length = 0xFFFFFFFE }), "claims 4294967294 bytes; at most 100000000 are allowed"),
        ["zip64: no end record though one is needed"] = (() => Zip(new ZipTail { Offset = uint.MaxValue }), "claims bytes 4294967295 to"),
        ["zip64: a locator to elsewhere"] = (() => Zip(new ZipTail { Zip64 = true, Record64 = 0 }), "zip64's locator points to byte 0, but its end record should stand at"),
        ["zip64: a locator beyond 2^63"] = (() => Zip(new ZipTail { Zip64 = true, Record64 = -1 }), "zip64's locator points to byte 18446744073709551615"),
        ["zip64: an end record of another length"] = (() => Zip(new ZipTail { Zip64 = true, RecordLength64 = -12 }), "zip64's end record at byte"),
        ["zip64: two ends that contradict each other"] = (() => Zip(new ZipTail { Zip64 = true, Offset64 = 1 }), "two end records contradict each other"),
        ["zip64: sums that overflow"] = (() => Zip(new ZipTail { Zip64 = true, Offset = uint.MaxValue, Offset64 = -1 }), "claims bytes 18446744073709551615 to 184467440737095"),
        ["zip64: an entry without its field"] = (() => Zip(DataItem with { Size = uint.MaxValue }), "'archive/data/0' has no zip64 field with its sizes"),
        ["zip64: an entry with half a field"] = (() => Zip(DataItem with { Size = uint.MaxValue, Extra = [1, 0, 4, 0, 1, 2, 3, 4], FrontExtra = Sizes64 }), "'archive/data/0' has no zip64 field with its sizes"),
        ["zip64: a field longer than its entry"] = (() => Zip(DataItem with { Size = uint.MaxValue, Extra = [1, 0, 16, 0, 1], FrontExtra = Sizes64 }), "'archive/data/0' has no zip64 field with its sizes"),
        ["zip64: a negative size"] = (() => Zip(DataItem with { Size = uint.MaxValue, Extra = Extra(1, -1, -1), FrontExtra = Extra(1, -1, -1) }), "'archive/data/0' has -1 bytes from byte"),
        ["zip64: a size over the file's"] = (() => Zip(DataItem with { Size = uint.MaxValue, Extra = Extra(1, long.MaxValue, long.MaxValue) }), "'archive/data/0' has 9223372036854775807 bytes from byte"),
        ["zip64: an offset before the file"] = (() => Zip(DataItem with { Offset = uint.MaxValue, Extra = Extra(1, -40) }), "'archive/data/0' begins at byte -40, outside"),
        ["a compressed entry"] = (() => Zip(DataItem with { Method = 8 }), "'archive/data/0' is compressed (method 8); only stored entries are read"),
        ["a bomb: 42 bytes that claim four gigabytes"] = (() => Zip(DataItem with { Method = 8, Stored = 42, Size = 0xFFFFFFF0 }), "'archive/data/0' is compressed (method 8)"),
        ["a stored entry of two sizes"] = (() => Zip(DataItem with { Stored = 23 }), "'archive/data/0' takes 23 bytes but claims to hold 24"),
        ["an encrypted entry"] = (() => Zip(DataItem with { Flags = 0x0801 }), "'archive/data/0' has the flags '0801': it is encrypted"),
        ["an entry on another volume"] = (() => Zip(DataItem with { Disk = 1 }), "'archive/data/0' is on another volume"),
        ["an entry outside of the file"] = (() => Zip(DataItem with { Offset = 0x7FFFFFFF }), "'archive/data/0' begins at byte 2147483647, outside"),
        ["an entry that begins where none does"] = (() => Zip(DataItem with { Offset = 1 }), "'archive/data/0' should begin at byte 1, but no entry does"),
        ["an entry longer than the file"] = (() => Zip(DataItem with { Size = 1_000_000 }), "'archive/data/0' has 1000000 bytes from byte"),
        ["an entry that runs into the directory"] = (() => PlainZip.File([PickleItem, DataItem with { Size = 25 }]), "'archive/data/0' has 25 bytes from byte"),
        ["an entry that runs into the next one"] = (() => Zip(DataItem with { Size = 40 }), "'archive/version' begins at byte"),
        ["two entries of the same bytes"] = (() => PlainZip.File([PickleItem, DataItem, DataItem with { Name = "archive/data/1", FrontName = "archive/data/0", Offset = 0 }]), "is described otherwise"),
        ["entries one in the other"] = (Nested, "'archive/data/1' begins at byte"),
        ["another name in front of the bytes"] = (() => Zip(DataItem with { FrontName = "archive/data/1" }), "'archive/data/0' is described otherwise in the directory than in front of its bytes"),
        ["another size in front of the bytes"] = (() => Zip(DataItem with { FrontSize = 23 }), "'archive/data/0' is described otherwise"),
        ["another checksum in front of the bytes"] = (() => Zip(DataItem with { FrontCrc = 1 }), "'archive/data/0' is described otherwise"),
        ["a wrong checksum of a storage"] = (() => Zip(DataItem with { Crc = 1 }), "the bytes of 'archive/data/0' have the CRC-32 '"),
        ["a wrong checksum of data.pkl"] = (() => PlainZip.File([PickleItem with { Crc = 1 }, DataItem]), "the bytes of 'archive/data.pkl' have the CRC-32 '"),
        ["two entries of one name"] = (() => PlainZip.File([PickleItem, DataItem, DataItem]), "two entries called 'archive/data/0'"),
        ["a way up: .."] = (() => Zip(DataItem with { Name = "archive/../../etc/passwd" }), "an entry called 'archive/../../etc/passwd': absolute paths"),
        ["a way nowhere: ."] = (() => Zip(DataItem with { Name = "archive/./x" }), "an entry called 'archive/./x'"),
        ["an absolute path"] = (() => Zip(DataItem with { Name = "/etc/passwd" }), "an entry called '/etc/passwd'"),
        ["a Windows drive"] = (() => Zip(DataItem with { Name = "C:/x" }), "an entry called 'C:/x'"),
        ["a backslash"] = (() => Zip(DataItem with { Name = "archive\\x" }), "an entry called 'archive\\x'"),
        ["a control character"] = (() => Zip(DataItem with { Name = "archive/\u001b[2J" }), "an entry called 'archive/?[2J'"),
        ["an empty name"] = (() => Zip(DataItem with { Name = "" }), "an entry called ''"),
        ["a name that is no UTF-8"] = (() => Zip(DataItem with { NameBytes = [0x61, 0xC0, 0xAF] }), "has a name that is not valid UTF-8"),
        ["a name over the limit"] = (() => Zip(DataItem with { Name = new string('n', 1025) }), "has a name of 1025 bytes; at most 1024 are allowed"),
        ["no data.pkl"] = (() => PlainZip.File([DataItem, VersionItem]), "has no entry 'FOLDER/data.pkl': torch.save did not write it"),
        ["a data.pkl in no folder"] = (() => PlainZip.File([PickleItem with { Name = "data.pkl" }, DataItem]), "has no entry 'FOLDER/data.pkl'"),
        ["two data.pkl"] = (() => PlainZip.File([PickleItem, PickleItem with { Name = "other/data.pkl" }, DataItem]), "has both 'archive/data.pkl' and 'other/data.pkl'"),
        ["a storage that is missing"] = (() => PlainZip.File([PickleItem, VersionItem]), "the storage '0' is missing: there is no entry 'archive/data/0'"),
        ["a storage in another folder"] = (() => PlainZip.File([PickleItem, DataItem with { Name = "other/data/0" }]), "the storage '0' is missing"),
        ["a storage that is too short"] = (() => Zip(DataItem with { Data = Elements[..20] }), "'archive/data/0' is said to have 6 elements of type F32, but its entry holds 5"),
        ["a storage that is too long"] = (() => Zip(DataItem with { Data = [.. Elements, 0, 0, 0, 0] }), "'archive/data/0' is said to have 6 elements of type F32, but its entry holds 7"),
        ["a storage of no whole elements"] = (() => Zip(DataItem with { Data = Elements[..23] }), "'archive/data/0' has 23 bytes, which is no whole number of elements of type F32"),
        ["TorchScript: code"] = (() => PlainZip.File([new("archive/code/__torch__.py", [1]), PickleItem, DataItem]), "'archive/code/__torch__.py' shows that this is a TorchScript archive"),
        ["TorchScript: constants"] = (() => PlainZip.File([new("archive/constants.pkl", [1]) { Method = 8 }, PickleItem, DataItem]), "'archive/constants.pkl' shows that this is a TorchScript archive"),
        ["big-endian"] = (() => PlainZip.File([PickleItem, DataItem, new("archive/byteorder", "big"u8.ToArray())]), "the byte order is 'big'; only little-endian files are read"),
        ["a byte order of nonsense"] = (() => PlainZip.File([PickleItem, DataItem, new("archive/byteorder", new byte[1_000_000])]), "the byte order is '????????????????'"),
    };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. Kinds.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_kind_is_refused_with_its_own_message(string kind)
    {
        var (file, says) = Kinds[kind];
        PlainPyTorch.AssertRefused(kind, Read(file()), says, _folder.At("hostile.pth"));
    }

    [Fact]
    public void The_file_that_they_are_variations_of_is_read()
    {
        Assert.Null(Read(Whole()));
        Assert.Null(Read(Zip(new ZipTail { Zip64 = true })));
        Assert.Null(Read(Zip(new ZipTail { Zip64 = true, Entries = 0xFFFF, Length = uint.MaxValue, Offset = uint.MaxValue })));
        Assert.Null(Read(Zip(DataItem with { Size = uint.MaxValue, Extra = [9, 9, 1, 0, 7, .. Sizes64], FrontExtra = Sizes64 })));
        Assert.Null(Read(Zip(DataItem with { Flags = 0x0808, FrontCrc = 0, FrontSize = 0 })));
        Assert.Null(Read(PlainZip.File([new("archive/", []), PickleItem, DataItem, new("archive/byteorder", "little"u8.ToArray()), new("archive/.data/serialization_id", [1])])));
    }

    [Fact]
    public void As_many_entries_as_are_allowed_are_read_within_the_memory_rule()
    {
        var others = Enumerable.Range(1, 99_998).Select(i => new ZipItem($"archive/data/{i}", []));
        Assert.Null(Read(PlainZip.File([PickleItem, DataItem, .. others], new ZipTail { Zip64 = true, Entries = 0xFFFF, Entries64 = 100_000 })));
    }

    [Fact]
    public void Names_as_long_as_are_allowed_are_read_within_the_memory_rule()
    {
        var others = Enumerable.Range(1, 30_000).Select(i => new ZipItem($"archive/data/{i}{new string('n', 1000)}", []));
        Assert.Null(Read(PlainZip.File([PickleItem, DataItem, .. others])));
    }

    private string? Read(byte[] file)
    {
        var path = _folder.At("hostile.pth");
        File.WriteAllBytes(path, file);
        var refusal = HostileFile.Read(path, ReadAll);
        File.Delete(path); // and so no handle or map of it is left open
        return refusal;
    }

    private static byte[] Whole() => Zip(DataItem);

    private static byte[] Zip(ZipItem data) => PlainZip.File([PickleItem, data, VersionItem]);

    private static byte[] Zip(ZipTail tail) => PlainZip.File([PickleItem, DataItem, VersionItem], tail);

    /// <summary>A whole entry, header and all, stands in the bytes of another.</summary>
    private static byte[] Nested()
    {
        var inner = PlainZip.File([new("archive/data/1", [1, 2, 3, 4])])[..(30 + 14 + 4)];
        var outer = new ZipItem("archive/data/0", inner);
        return PlainZip.File([outer, PickleItem, new("archive/data/1", [1, 2, 3, 4]) { Offset = 30 + 14 }]);
    }

    private static byte[] Extra(ushort id, params long[] values)
    {
        var extra = new byte[4 + (8 * values.Length)];
        BinaryPrimitives.WriteUInt16LittleEndian(extra, id);
        BinaryPrimitives.WriteUInt16LittleEndian(extra.AsSpan(2), (ushort)(8 * values.Length));
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(extra.AsSpan(4 + (8 * i)), values[i]);
        }

        return extra;
    }
}
