using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

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
        { """{"a":{"dtype":"F32","shape":[-0],"data_offsets":[0,0]}}""", 0, "'a' has a shape with an entry that is not a whole number" },
        { """{"a":{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}}""", 4, "'a' has a shape with an entry that is not a whole number" },
        { """{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}}""", 4, "'a' has a shape with an entry that is not a whole number" },
        { """{"a":{"dtype":"F32","shape":[01],"data_offsets":[0,4]}}""", 4, "not valid JSON" },
        { """{"a":{"dtype":null,"shape":[1],"data_offsets":[0,4]}}""", 4, "'a' has the element type ''" },
        { """{"__metadata__":null}""", 0, "'__metadata__' must be an object of strings" },
        { """{"__metadata__":{"k":null}}""", 0, "'__metadata__' holds 'k', which is not a string" },
        { "{}\0", 0, "not valid JSON" },
        { """{"a\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "not valid JSON of the format" },
        { """{"__metadata__":{"k":"\udc00"}}""", 0, "not valid JSON of the format" },
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
    public void An_empty_file_is_refused() =>
        Assert.Contains("the file has 0 bytes, fewer than the 8 of the header's length; it is empty", Refused([]), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"a@":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""")]
    [InlineData("""{"a":{"dtype":"U8@","shape":[0],"data_offsets":[0,0]}}""")]
    [InlineData("""{"a":{"dtype":"U8","shape@":[0],"data_offsets":[0,0]}}""")]
    [InlineData("""{"__metadata__":{"k@":"v"}}""")]
    [InlineData("""{"__metadata__":{"k":"v@"}}""")]
    [InlineData("""{"__metadata__":{"k":"v"}} @""")]
    public void Bytes_that_are_no_UTF8_are_refused_wherever_they_stand(string header)
    {
        // A lone continuation byte, a beginning without one, an overlong slash, a surrogate, beyond the last code point.
        foreach (byte[] bad in new byte[][] { [0x80], [0xC3], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80] })
        {
            var at = header.IndexOf('@', StringComparison.Ordinal);
            byte[] json = [.. Encoding.ASCII.GetBytes(header[..at]), .. bad, .. Encoding.ASCII.GetBytes(header[(at + 1)..])];
            Assert.Contains($"the header is not valid UTF-8 at byte {8 + at} of the file", Refused(PlainSafetensors.File(json, [])), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_message_shows_neither_control_characters_nor_endless_names_of_the_file()
    {
        var name = "\\u001b[31m" + new string('x', 1000);
        var message = Refused(PlainSafetensors.File($"{{\"{name}\":7}}"));
        Assert.Contains("'?[31mxxx", message, StringComparison.Ordinal);
        Assert.Contains("xxx...' must be an object", message, StringComparison.Ordinal);
        Assert.DoesNotContain(message, char.IsControl);
        Assert.InRange(message.Length, 200, 500);
    }

    [Theory]
    [InlineData(4096, true)]
    [InlineData(4097, false)]
    public void A_name_may_have_4096_bytes(int length, bool allowed)
    {
        var header = $"{{\"{new string('n', length)}\":{{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}}}";
        var path = _folder.At("long.safetensors");
        File.WriteAllBytes(path, PlainSafetensors.File(header));
        var refusal = HostileFile.Read(path, SafetensorsMutationTests.ReadAll);
        Assert.Equal(allowed, refusal is null);
    }

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
        Assert.Contains("lists more than 100000 tensors and notes", Refused(PlainSafetensors.File($"{{{string.Join(',', entries)}}}")), StringComparison.Ordinal);
    }

    [Fact]
    public void More_dimensions_than_the_limit_are_refused()
    {
        var shape = string.Join(',', Enumerable.Repeat("1", 65));
        var message = Refused(PlainSafetensors.File($"{{\"a\":{{\"dtype\":\"U8\",\"shape\":[{shape}],\"data_offsets\":[0,1]}}}}", 0));
        Assert.Contains("'a' has a shape of more than 64 entries", message, StringComparison.Ordinal);
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
