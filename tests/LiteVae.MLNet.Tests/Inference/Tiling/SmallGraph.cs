using Google.Protobuf;
using LiteVae.Formats.Onnx;
using OnnxAttribute = LiteVae.Formats.Onnx.Attribute;
using OnnxType = LiteVae.Formats.Onnx.Type;

namespace LiteVae.Tests.Inference;

/// <summary>
/// A graph written node by node, with positive weights and without biases: an input of zeros with one bright column gives zeros wherever that column is not
/// seen, and nothing cancels where it is.
/// </summary>
internal sealed class SmallGraph
{
    private readonly Graph _graph;
    private readonly Random _random = new(5);
    private string _last;

    private SmallGraph(string input, int channels)
    {
        _graph = new Graph { Name = "small", Input = { Port(input, channels) } };
        _last = input;
        Channels = channels;
    }

    /// <summary>Channels of what was made last.</summary>
    public int Channels { get; private set; }

    /// <summary>What was made last.</summary>
    public string Last => _last;

    public static SmallGraph Encoder() => new("sample", 3);

    public static SmallGraph Decoder(int channels) => new("latent_sample", channels);

    public SmallGraph Conv(int channels, int kernel, int stride = 1, int dilation = 1, long[]? pads = null)
    {
        var pad = dilation * (kernel - 1) / 2;
        var weight = Weights([channels, Channels, kernel, kernel]);
        Channels = channels;
        return Node("Conv", [_last, weight], Ints("kernel_shape", kernel, kernel), Ints("strides", stride, stride), Ints("dilations", dilation, dilation), Ints("pads", pads ?? [pad, pad, pad, pad]));
    }

    public SmallGraph ConvTranspose(int channels, int kernel, int stride, long pad, long extra)
    {
        var weight = Weights([Channels, channels, kernel, kernel]);
        Channels = channels;
        return Node("ConvTranspose", [_last, weight], Ints("kernel_shape", kernel, kernel), Ints("strides", stride, stride), Ints("pads", pad, pad, pad, pad), Ints("output_padding", extra, extra));
    }

    public SmallGraph Resize(float scale, string coordinates = "asymmetric", string rounding = "floor") => Node(
        "Resize", [_last, "", Floats([4], [1, 1, scale, scale])], Text("mode", "nearest"), Text("coordinate_transformation_mode", coordinates), Text("nearest_mode", rounding));

    /// <summary>The block of TAESD: two convolutions beside a skip.</summary>
    public SmallGraph Block()
    {
        var input = _last;
        Conv(Channels, 3).Node("Relu", [_last]).Conv(Channels, 3);
        return Node("Add", [input, _last]).Node("Relu", [_last]);
    }

    public SmallGraph Node(string type, params OnnxAttribute[] attributes) => Node(type, [_last], attributes);

    public SmallGraph Node(string type, string[] inputs, params OnnxAttribute[] attributes)
    {
        _last = $"value{_graph.Node.Count}";
        _graph.Node.Add(new Node { OpType = type, Name = _last, Input = { inputs }, Output = { _last }, Attribute = { attributes } });
        return this;
    }

    public SmallGraph ChannelsAre(int channels)
    {
        Channels = channels;
        return this;
    }

    public string Floats(long[] dims, float[] values) => Add(new Tensor { DataType = 1, Dims = { dims }, FloatData = { values } });

    public string Longs(params long[] values) => Add(new Tensor { DataType = 7, Dims = { values.Length }, Int64Data = { values } });

    public static OnnxAttribute Ints(string name, params long[] values) => new() { Name = name, Type = OnnxAttribute.Types.Kind.Ints, Ints = { values } };

    public static OnnxAttribute Int(string name, long value) => new() { Name = name, Type = OnnxAttribute.Types.Kind.Int, I = value };

    public static OnnxAttribute Text(string name, string value) => new() { Name = name, Type = OnnxAttribute.Types.Kind.String, S = ByteString.CopyFromUtf8(value) };

    /// <summary>The graph with what was made last as its output, as a file.</summary>
    public byte[] ToBytes(string output)
    {
        _graph.Node[^1].Output[0] = output;
        _graph.Output.Add(Port(output, Channels));
        return new Model { IrVersion = 8, Graph = _graph, OpsetImport = { new OpsetId { Version = 17 } } }.ToByteArray();
    }

    private string Weights(long[] dims)
    {
        var count = (int)dims.Aggregate((product, dimension) => product * dimension);
        return Floats(dims, [.. Enumerable.Range(0, count).Select(_ => (0.5f + _random.NextSingle()) * dims[0] / count)]);
    }

    private string Add(Tensor tensor)
    {
        tensor.Name = $"constant{_graph.Initializer.Count}";
        _graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    private static ValueInfo Port(string name, int channels) => new()
    {
        Name = name,
        Type = new OnnxType
        {
            TensorType = new OnnxType.Types.TensorType { ElemType = 1, Shape = new Shape { Dim = { Free("N"), new Shape.Types.Dim { DimValue = channels }, Free("H"), Free("W") } } },
        },
    };

    private static Shape.Types.Dim Free(string name) => new() { DimParam = name };
}
