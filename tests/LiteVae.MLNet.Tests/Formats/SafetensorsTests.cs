using System.Buffers.Binary;
using LiteVae.Tests.Shared;

namespace LiteVae.Tests.Formats;

public sealed class SafetensorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_written_is_what_the_format_defines()
    {
        var path = _folder.At("a.safetensors");
        SafetensorsWriter.Write(
            path,
            [
                SafetensorsTensor.FromFloats("conv.weight", [2, 1, 3], [1, -2, 3.5f, float.NaN, float.MaxValue, 0]),
                new SafetensorsTensor("empty", SafetensorsType.F16, [4, 0], ReadOnlyMemory<byte>.Empty),
                new SafetensorsTensor("größe \"1\"", SafetensorsType.U8, [], new byte[] { 7 }),
                new SafetensorsTensor("flags", SafetensorsType.Bool, [2], new byte[] { 1, 0 }),
            ],
            new Dictionary<string, string> { ["b"] = "2", ["a"] = "eins\n" });

        var file = File.ReadAllBytes(path);
        var tensors = PlainSafetensors.Tensors(file);
        Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(file) % 8);
        Assert.Equal(["conv.weight", "empty", "größe \"1\"", "flags"], tensors.Select(tensor => tensor.Name));
        Assert.Equal(["F32", "F16", "U8", "BOOL"], tensors.Select(tensor => tensor.Type));
        Assert.Equal([[2, 1, 3], [4, 0], [], [2]], tensors.Select(tensor => tensor.Shape));
        float[] floats = [1, -2, 3.5f, float.NaN, float.MaxValue, 0];
        Assert.Equal(floats.SelectMany(BitConverter.GetBytes), tensors[0].Data);
        Assert.Equal([7, 1, 0], tensors.Skip(1).SelectMany(tensor => tensor.Data));
        Assert.Equal(new Dictionary<string, string> { ["a"] = "eins\n", ["b"] = "2" }, PlainSafetensors.Metadata(file));
    }

    [Fact]
    public void What_the_format_defines_is_read()
    {
        // Written by hand: white space, notes in the middle, and a header that lists the second tensor first.
        var path = Save(PlainSafetensors.File(
            """{ "b":{"data_offsets":[4,6],"dtype":"BF16","shape":[1,1]}, "__metadata__":{"k":"v"}, "a":{"dtype":"I32","shape":[],"data_offsets":[0,4]}}   """,
            1, 2, 3, 4, 0x80, 0x3F));

        using var reader = SafetensorsReader.Open(path);

        Assert.Equal(["a", "b"], reader.Entries.Select(entry => entry.Name));
        Assert.Equal("v", Assert.Single(reader.Metadata, note => note.Key == "k").Value);
        Assert.Equal([1f], reader.ReadFloats("b"));
        Assert.True(reader.TryGetEntry("a", out var a));
        Assert.Equal((SafetensorsType.I32, 0, 4L), (a.Type, a.Shape.Count, a.Length));
        Assert.Equal([1, 2, 3, 4], reader.GetBytes(a).ToArray());
        Assert.False(reader.TryGetEntry("c", out _));
    }

    [Theory]
    [InlineData("F32", new byte[] { 0, 0, 0x20, 0xC1, 0, 0, 0, 0x80 }, new[] { -10f, -0f })]
    [InlineData("F16", new byte[] { 0, 0x3C, 0, 0x7C, 1, 0 }, new[] { 1f, float.PositiveInfinity, 5.9604645e-8f })]
    [InlineData("BF16", new byte[] { 0x80, 0x3F, 0x49, 0xC0 }, new[] { 1f, -3.140625f })]
    [InlineData("F64", new byte[] { 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0x9A, 0x99, 0x99, 0x99, 0x99, 0x99, 0xB9, 0x3F }, new[] { 1f, 0.1f })]
    public void Floats_of_every_width_are_converted(string type, byte[] data, float[] expected)
    {
        var path = Save(PlainSafetensors.File($$$"""{"x":{"dtype":"{{{type}}}","shape":[{{{expected.Length}}}],"data_offsets":[0,{{{data.Length}}}]}}""", data));
        using var reader = SafetensorsReader.Open(path);
        Assert.Equal(expected.Select(BitConverter.SingleToInt32Bits), reader.ReadFloats("x").Select(BitConverter.SingleToInt32Bits));
    }

    [Fact]
    public void Every_type_survives_a_round_trip()
    {
        var path = _folder.At("types.safetensors");
        var random = new Random(3);
        var tensors = Enum.GetValues<SafetensorsType>().Select(type =>
        {
            var data = new byte[6 * type.Size()];
            random.NextBytes(data);
            return new SafetensorsTensor($"t.{type}", type, [2, 3], data);
        }).ToList();

        SafetensorsWriter.Write(path, tensors);

        using var reader = SafetensorsReader.Open(path);
        Assert.Equal(tensors.Select(tensor => (tensor.Name, tensor.Type)), reader.Entries.Select(entry => (entry.Name, entry.Type)));
        Assert.All(reader.Entries.Zip(tensors), pair => Assert.Equal(pair.Second.Data.ToArray(), reader.GetBytes(pair.First).ToArray()));
        Assert.Empty(reader.Metadata);
    }

    [Fact]
    public void The_same_tensors_give_the_same_bytes_whatever_the_order_of_the_notes()
    {
        SafetensorsTensor[] tensors = [SafetensorsTensor.FromFloats("x", [1], [1])];
        SafetensorsWriter.Write(_folder.At("1"), tensors, new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" });
        SafetensorsWriter.Write(_folder.At("2"), tensors, new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" });
        Assert.Equal(File.ReadAllBytes(_folder.At("1")), File.ReadAllBytes(_folder.At("2")));
    }

    [Fact]
    public void A_file_without_tensors_is_written_and_read()
    {
        SafetensorsWriter.Write(_folder.At("none"), []);
        using var reader = SafetensorsReader.Open(_folder.At("none"));
        Assert.Empty(reader.Entries);
    }

    [Fact]
    public void A_file_that_other_software_wrote_is_read_as_the_oracle_reads_it()
    {
        var path = SharedData.PathOrSkip("fixtures/open-litevae/tiny-f8c4-quant.safetensors");
        var expected = PlainSafetensors.Tensors(File.ReadAllBytes(path)).ToDictionary(tensor => tensor.Name);
        using var reader = SafetensorsReader.Open(path);
        Assert.Equal(expected.Count, reader.Entries.Count);
        Assert.All(reader.Entries, entry => Assert.Equal(expected[entry.Name].Data, reader.GetBytes(entry).ToArray()));
    }

    [Fact]
    public void A_missing_tensor_is_named_with_likely_others()
    {
        SafetensorsWriter.Write(_folder.At("m"), [SafetensorsTensor.FromFloats("encoder.bias", [1], [1]), SafetensorsTensor.FromFloats("encoder.weight", [1], [1])]);
        using var reader = SafetensorsReader.Open(_folder.At("m"));
        var e = Assert.Throws<InvalidDataException>(() => reader.ReadFloats("conv.weight"));
        Assert.Contains("no tensor 'conv.weight' among its 2; it has, for example, 'encoder.weight'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Integers_are_not_read_as_floats()
    {
        SafetensorsWriter.Write(_folder.At("i"), [new SafetensorsTensor("step", SafetensorsType.I64, [1], new byte[8])]);
        using var reader = SafetensorsReader.Open(_folder.At("i"));
        var e = Assert.Throws<InvalidDataException>(() => reader.ReadFloats("step"));
        Assert.Contains("tensor 'step' has elements of type I64", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_entry_of_another_file_is_refused_and_so_is_a_disposed_reader()
    {
        SafetensorsWriter.Write(_folder.At("e"), [SafetensorsTensor.FromFloats("x", [1], [1])]);
        var reader = SafetensorsReader.Open(_folder.At("e"));
        var own = reader.Entries[0];
        Assert.Throws<ArgumentException>(() => reader.GetBytes(own with { Length = 1 << 30 }).Length);
        reader.Dispose();
        Assert.Throws<ObjectDisposedException>(() => reader.GetBytes(own).Length);
    }

    [Fact]
    public void Tensors_that_make_no_valid_file_are_the_callers_mistake()
    {
        var one = SafetensorsTensor.FromFloats("x", [1], [1]);
        Assert.Contains("needs 8 bytes, not 4", Refused(one with { Shape = [2] }), StringComparison.Ordinal);
        Assert.Contains("countable", Refused(one with { Shape = [long.MaxValue, 4] }), StringComparison.Ordinal);
        Assert.Contains("countable", Refused(one with { Shape = [-1] }), StringComparison.Ordinal);
        Assert.Contains("Two tensors are called 'x'", Refused(one, one), StringComparison.Ordinal);
        Assert.Contains("__metadata__", Refused(one with { Name = "__metadata__" }), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => SafetensorsTensor.FromFloats("x", [3], [1, 2]));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Root));

        string Refused(params SafetensorsTensor[] tensors) =>
            Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(_folder.At("refused"), tensors)).Message;
    }

    [Fact]
    public void What_the_reader_would_refuse_is_not_written()
    {
        var one = SafetensorsTensor.FromFloats("x", [1], [1]);
        var tooMany = Enumerable.Range(0, 99_999).ToDictionary(i => $"{i}", _ => "");
        Assert.Contains("takes 4097 bytes in the header; at most 4096", Refused(one with { Name = new string('n', 4097) }, []), StringComparison.Ordinal);
        Assert.Contains("takes 4098 bytes in the header", Refused(one with { Name = new string('ä', 683) }, []), StringComparison.Ordinal);
        Assert.Contains("takes 10000001 bytes in the header; at most 10000000", Refused(one, new() { ["k"] = new string('v', 10_000_001) }), StringComparison.Ordinal);
        Assert.Contains("100002 tensors and notes are too many", Refused(one, new(tooMany) { ["a"] = "", ["b"] = "" }), StringComparison.Ordinal);

        SafetensorsWriter.Write(_folder.At("most"), [one with { Name = new string('n', 4096) }], tooMany);
        using var reader = SafetensorsReader.Open(_folder.At("most"));
        Assert.Equal(99_999, reader.Metadata.Count);

        string Refused(SafetensorsTensor tensor, Dictionary<string, string> notes) =>
            Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(_folder.At("refused"), [tensor], notes)).Message;
    }

    private string Save(byte[] file)
    {
        var path = _folder.At("saved.safetensors");
        File.WriteAllBytes(path, file);
        return path;
    }
}
