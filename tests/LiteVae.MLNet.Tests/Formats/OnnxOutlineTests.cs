using Google.Protobuf;
using LiteVae.Formats.Onnx;
using LiteVae.Tests.Inference.Foreign;
using OnnxAttribute = LiteVae.Formats.Onnx.Attribute;

namespace LiteVae.Tests.Formats;

public sealed class OnnxOutlineTests
{
    public static TheoryData<string> Files => [.. new[] { ForeignFolders.Moments, ForeignFolders.Sampling, ForeignFolders.Half, ForeignFolders.Plain }.SelectMany(
        name => new[] { TinyModels.EncoderPath(ForeignFolders.PathOf(name)), TinyModels.DecoderPath(ForeignFolders.PathOf(name)) })];

    [Theory]
    [MemberData(nameof(Files))]
    public void It_says_what_the_whole_file_says_parsed_by_Protobuf(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var whole = Model.Parser.ParseFrom(bytes);
        var outline = OnnxOutline.Read(bytes);

        Assert.Equal(whole.OpsetImport, outline.Model.OpsetImport);
        Assert.Equal(whole.Graph.Input, outline.Model.Graph.Input);
        Assert.Equal(whole.Graph.Output, outline.Model.Graph.Output);
        Assert.Equal(whole.Graph.Node.Select(node => (node.Domain, node.OpType)), outline.Model.Graph.Node.Select(node => (node.Domain, node.OpType)));
        Assert.Equal(Tensors(whole), Tensors(outline.Model));
        Assert.Equal(whole.Graph.Node, outline.Nodes.Select(place => Node.Parser.ParseFrom(bytes, place.Content, place.End - place.Content)));
        Assert.Equal(whole.Graph, Graph.Parser.ParseFrom(bytes, outline.Graphs.Single().Content, outline.Graphs.Single().End - outline.Graphs.Single().Content));

        static IEnumerable<string> Tensors(Model model) => model.Graph.Initializer.Concat(model.Graph.Node.SelectMany(node => node.Attribute).Select(attribute => attribute.T).OfType<Tensor>())
            .Select(tensor => $"{tensor.Name} {tensor.DataType} [{string.Join(", ", tensor.Dims)}]");
    }

    [Fact]
    public void Metadata_and_external_data_are_kept()
    {
        var model = TinyModels.Encoder();
        model.MetadataProps.Add(new StringEntry { Key = "key", Value = "text" });
        model.Graph.Initializer[0].ExternalData.Add(new StringEntry { Key = "location", Value = "../outside" });
        model.Graph.Initializer[1].DataLocation = Tensor.Types.Location.External;
        var outline = OnnxOutline.Read(model.ToByteArray()).Model;
        Assert.Equal(model.MetadataProps, outline.MetadataProps);
        Assert.Equal(model.Graph.Initializer[0].ExternalData, outline.Graph.Initializer[0].ExternalData);
        Assert.Equal(Tensor.Types.Location.External, outline.Graph.Initializer[1].DataLocation);
    }

    public static TheoryData<string, byte[]> Bombs => new()
    {
        { "nodes", Message(7, Repeat(4_000_000, 0x0A, 0)) },
        { "tensors", Message(7, Repeat(4_000_000, 0x2A, 0)) },
        { "attributes", Message(7, Message(1, Repeat(4_000_000, 0x2A, 0))) },
        { "dimensions", Message(7, Message(5, Message(1, Repeat(8_000_000, 1)))) },
        { "metadata", Repeat(4_000_000, 0x72, 0) },
        { "functions", Repeat(2_000_000, 0xCA, 1, 0) },
        { "a long name", Message(7, Message(5, Message(8, Repeat(8_000_000, (byte)'x')))) },
        { "depth", Nest(40) },
    };

    [Theory]
    [MemberData(nameof(Bombs))]
    public void A_file_that_would_parse_into_many_times_its_size_is_refused_with_little_memory(string what, byte[] file)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.At("bomb.onnx"), file);
        var refusal = HostileFile.Read(folder.At("bomb.onnx"), path => OnnxModelFile.Read(path));
        Assert.True(refusal?.Contains("no autoencoder needs", StringComparison.Ordinal) == true || refusal?.Contains("deeper than 32 levels", StringComparison.Ordinal) == true, $"{what}: {refusal}");
    }

    /// <summary>The most that passes: every part at its largest as an object.</summary>
    [Theory]
    [InlineData(65_000, 0x0A, 0)]
    [InlineData(65_000, 0x2A, 0)]
    [InlineData(32_000, 0x0A, 2, 0x2A, 0)]
    [InlineData(9_000, 0x0A, 12, 0x22, 2, (int)'I', (int)'f', 0x2A, 6, 0x32, 4, 0x0A, 2, 0x2A, 0)]
    public void What_just_passes_stays_within_the_memory_of_a_hostile_file(int count, params int[] part)
    {
        using var folder = new TemporaryFolder();
        byte[] output = [0x62, 0];
        File.WriteAllBytes(folder.At("large.onnx"), Message(7, [.. output, .. Repeat(count, [.. part.Select(value => (byte)value)])]));
        Assert.Null(HostileFile.Read(folder.At("large.onnx"), path => OnnxModelFile.Read(path)));
    }

    [Fact]
    public void Two_hundred_megabytes_of_weights_are_read_within_twice_their_size()
    {
        using var folder = new TemporaryFolder();
        var model = TinyModels.Encoder();
        model.Graph.Initializer.Add(new Tensor { Name = "large", DataType = 1, Dims = { 50_000_000 }, RawData = UnsafeByteOperations.UnsafeWrap(new byte[200_000_000]) });
        model.Graph.Node.Add(new Node { OpType = "RandomNormalLike", Input = { "pooled" }, Output = { "noise" } });
        using (var file = File.Create(folder.At("large.onnx")))
        {
            model.WriteTo(file);
        }

        Assert.Null(HostileFile.Read(folder.At("large.onnx"), path => Assert.Equal(50_000_016, Parameters(path))));

        static long Parameters(string path)
        {
            var file = OnnxModelFile.Read(path);
            Assert.NotSame(file.Bytes, file.WithoutNoise());
            return file.Parameters;
        }
    }

    private static byte[] Repeat(int count, params byte[] bytes)
    {
        var all = new byte[count * bytes.Length];
        for (var i = 0; i < all.Length; i++)
        {
            all[i] = bytes[i % bytes.Length];
        }

        return all;
    }

    private static byte[] Message(int field, byte[] content)
    {
        using var stream = new MemoryStream();
        using var writer = new CodedOutputStream(stream);
        writer.WriteTag(field, WireFormat.WireType.LengthDelimited);
        writer.WriteBytes(UnsafeByteOperations.UnsafeWrap(content));
        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>A graph in an attribute of a node of a graph, and so on.</summary>
    private static byte[] Nest(int depth)
    {
        var inner = new Graph();
        for (var i = 0; i < depth; i++)
        {
            inner = new Graph { Node = { new Node { Attribute = { new OnnxAttribute { G = inner } } } } };
        }

        return Message(7, inner.ToByteArray());
    }
}
