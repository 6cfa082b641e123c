using System.Buffers.Binary;
using System.Globalization;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;

namespace LiteVae.Tests.Formats;

public sealed partial class SafetensorsRulesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Each rule of the format broken once: the header, the bytes of data, and what the message must say, where @n stands for the position in the file of data byte n.</summary>
    public static TheoryData<string, int, string> BrokenRules => new()
    {
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}""", 4, "not valid JSON" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} x""", 4, "not valid JSON" },
        { """["a"]""", 0, "does not start with '{'" },
        { "", 0, "does not start with '{'" },
        { """ {}""", 0, "does not start with '{'" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "the name 'a' appears twice" },
        { """{"__metadata__":{},"__metadata__":{}}""", 0, "the name '__metadata__' appears twice" },
        { """{"__metadata__":{"k":1}}""", 0, "'__metadata__' holds 'k', which is not a string" },
        { """{"__metadata__":{"k":"1","k":"2"}}""", 0, "'__metadata__' holds 'k' twice" },
        { """{"__metadata__":[]}""", 0, "'__metadata__' must be an object of strings" },
        { """{"a":7}""", 0, "'a' must be an object" },
        { """{"a":{"dtype":"F32","shape":[1]}}""", 4, "'a' must have dtype, shape and two data_offsets" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", 4, "'a' must have dtype, shape and two data_offsets" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}""", 4, "'a' has a data_offsets of more than 2 entries" },
        { """{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "'a' has dtype twice" },
        { """{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}""", 4, "'a' has shape twice" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"data_offsets":[0,4]}}""", 4, "'a' has data_offsets twice" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"extra":1}}""", 4, "'a' has an unknown member 'extra'" },
        { """{"a":{"dtype":"F4","shape":[1],"data_offsets":[0,4]}}""", 4, "'a' has the element type 'F4', which this library does not read" },
        { """{"a":{"dtype":4,"shape":[1],"data_offsets":[0,4]}}""", 4, "not valid JSON of the format" },
        { """{"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}}""", 4, "'a' has a shape that is not a list" },
        { """{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "'a' has a shape with an entry that is not a whole number" },
        { """{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "'a' has a shape with an entry that is not a whole number" },
        { """{"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}""", 4, "'a' has a shape with an entry that is not a whole number" },
        { """{"a":{"dtype":"F32","shape":[[1]],"data_offsets":[0,4]}}""", 4, "'a' has a shape with an entry that is not a whole number" },
        { """{"a":{"dtype":"F32","shape":[18446744073709551617],"data_offsets":[0,4]}}""", 4, "'a' has a shape with an entry that is not a whole number" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "'a' ends at 0, before its begin at 4" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[9223372036854775803,9223372036854775807]}}""", 4, "beyond any file" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "'a' of shape [2] and type F32 needs 8 bytes, but its offsets hold 4" },
        { """{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", 0, "needs more than 2^63 bytes" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[3,7]}}""", 7, "'b' begins at byte @3" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 4, "inside the tensor before it" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[5,9]}}""", 9, "a hole" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[1,5]}}""", 5, "a hole" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 3, "'a' ends at byte @4, but the file has @3 bytes: it is truncated" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 5, "the tensors end at byte @4, but the file has @5 bytes" },
        { """{}""", 1, "the tensors end at byte @0, but the file has @1 bytes" },
    };

    [Theory]
    [MemberData(nameof(BrokenRules))]
    public void Each_broken_rule_is_refused_with_its_own_message(string header, int dataBytes, string says)
    {
        var message = Refused(PlainSafetensors.File(header, new byte[dataBytes]));
        var expected = DataPosition().Replace(says, position => Text(8 + header.Length + long.Parse(position.Groups[1].Value, CultureInfo.InvariantCulture)));
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_shorter_than_its_length_field_is_refused() =>
        Assert.Contains("the file has 7 bytes, fewer than the 8", Refused(new byte[7]), StringComparison.Ordinal);

    [Fact]
    public void A_header_longer_than_the_file_is_refused_before_it_is_allocated()
    {
        var file = PlainSafetensors.File("{}");
        BinaryPrimitives.WriteInt64LittleEndian(file, 99_000_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("claims 99000000 bytes but only 2 follow", Refused(file), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Theory]
    [InlineData(100_000_001)]
    [InlineData(-1)]
    public void A_header_over_the_limit_is_refused(long length)
    {
        var file = PlainSafetensors.File("{}");
        BinaryPrimitives.WriteInt64LittleEndian(file, length);
        Assert.Contains("at most 100000000 are allowed", Refused(file), StringComparison.Ordinal);
    }

    [Fact]
    public void More_entries_than_the_limit_are_refused()
    {
        var entries = Enumerable.Range(0, 100_001).Select(i => $"\"{Text(i)}\":{{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}");
        Assert.Contains("lists more than 100000 tensors", Refused(PlainSafetensors.File($"{{{string.Join(',', entries)}}}")), StringComparison.Ordinal);
    }

    [Fact]
    public void More_dimensions_than_the_limit_are_refused()
    {
        var shape = string.Join(',', Enumerable.Repeat("1", 65));
        var message = Refused(PlainSafetensors.File($"{{\"a\":{{\"dtype\":\"U8\",\"shape\":[{shape}],\"data_offsets\":[0,1]}}}}", 0));
        Assert.Contains("'a' has a shape of more than 64 entries", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_file_is_read_or_refused_and_nothing_else()
    {
        var valid = PlainSafetensors.File(
            """{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"b":{"dtype":"I8","shape":[],"data_offsets":[8,9]}}""",
            1, 2, 3, 4, 5, 6, 7, 8, 9);
        var bytes = Gen.OneOf(Gen.Choose(0, 255), Gen.Elements("0123456789-e.[]{}\",: \\u".Select(c => (int)c).ToArray()));
        var edit =
            from at in Gen.Choose(0, valid.Length - 1)
            from value in bytes
            from kind in Gen.Choose(0, 3)
            select (At: at, Value: value, Kind: kind);
        var edits = edit.ListOf().Resize(4).ToArbitrary();

        Prop.ForAll(edits, changes =>
        {
            var file = changes.Aggregate(valid.ToList(), Apply).ToArray();
            using var stream = new MemoryStream(file);
            try
            {
                var header = SafetensorsHeader.Read(stream, "damaged");
                return header.Entries.Sum(entry => entry.Length) <= file.Length && header.Entries.All(entry => entry.Offset + entry.Length <= file.Length);
            }
            catch (InvalidDataException)
            {
                return true;
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000).WithReplay(20240521, 7));

        static List<byte> Apply(List<byte> file, (int At, int Value, int Kind) edit)
        {
            var position = Math.Min(edit.At, Math.Max(0, file.Count - 1));
            switch (edit.Kind)
            {
                case 0 when file.Count > 0:
                    file.RemoveAt(position);
                    break;
                case 1:
                    file.Insert(position, (byte)edit.Value);
                    break;
                case 2 when edit.Value % 16 == 0:
                    file.RemoveRange(position, file.Count - position);
                    break;
                default:
                    if (file.Count > 0)
                    {
                        file[position] = (byte)edit.Value;
                    }

                    break;
            }

            return file;
        }
    }

    private string Refused(byte[] file)
    {
        var path = _folder.At("broken.safetensors");
        File.WriteAllBytes(path, file);
        var e = Assert.Throws<InvalidDataException>(() => SafetensorsReader.Open(path).Dispose());
        Assert.StartsWith(path, e.Message, StringComparison.Ordinal);
        File.Delete(path); // and so no handle or map of it is left open
        return e.Message;
    }

    [GeneratedRegex(@"@(\d+)")]
    private static partial Regex DataPosition();

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
