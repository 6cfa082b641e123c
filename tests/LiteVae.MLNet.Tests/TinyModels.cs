using Google.Protobuf;
using LiteVae.Formats.Onnx;
using OnnxAttribute = LiteVae.Formats.Onnx.Attribute;
using OnnxType = LiteVae.Formats.Onnx.Type;

namespace LiteVae.Tests;

/// <summary>
/// Models small enough to be computed by hand, with nz = 2.
/// Encoder: the mean of each 8x8 block, then per output channel a weighted sum of R, G and B plus a bias.
/// Decoder: per output channel a weighted sum of the two latent channels plus a bias, then every pixel repeated 8 by 8 times.
/// </summary>
internal static class TinyModels
{
    public const int Channels = 2;

    // Moments: mean 0 = R + 2 G, mean 1 = B - 0.25, logvar 0 = -1, logvar 1 = 0.5 R.
    public static readonly float[,] EncoderWeights = { { 1, 2, 0 }, { 0, 0, 1 }, { 0, 0, 0 }, { 0.5f, 0, 0 } };
    public static readonly float[] EncoderBias = [0, -0.25f, -1, 0];

    // Image: R = z0, G = z1, B = 0.5 z0 - 0.5.
    public static readonly float[,] DecoderWeights = { { 1, 0 }, { 0, 1 }, { 0.5f, 0 } };
    public static readonly float[] DecoderBias = [0, 0, -0.5f];

    public static LiteVaeConfig Config { get; } = new() { Name = "tiny", LatentChannels = Channels, ScalingFactor = 4, ShiftFactor = 0.5 };

    /// <summary>Writes the whole model folder and returns its path.</summary>
    public static string Write(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "vae_encoder"));
        Directory.CreateDirectory(Path.Combine(folder, "vae_decoder"));
        File.WriteAllText(Path.Combine(folder, "config.json"), Config.ToJson());
        File.WriteAllBytes(EncoderPath(folder), Encoder().ToByteArray());
        File.WriteAllBytes(DecoderPath(folder), Decoder().ToByteArray());
        return folder;
    }

    /// <summary>Writes a model whose latent is the image itself, at full size: what enters the model can be read from the latents.</summary>
    public static string WriteIdentity(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "vae_encoder"));
        Directory.CreateDirectory(Path.Combine(folder, "vae_decoder"));
        var config = new LiteVaeConfig { Name = "identity", LatentChannels = 3, DownsamplingFactor = 1, EncoderOutput = EncoderOutput.Latent };
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJson());
        File.WriteAllBytes(EncoderPath(folder), Identity("sample", "latent_sample"));
        File.WriteAllBytes(DecoderPath(folder), Identity("latent_sample", "sample"));
        return folder;

        static byte[] Identity(string input, string output)
        {
            var graph = NewGraph(input, 3, output, 3);
            graph.Node.Add(NewNode("Identity", [input], output));
            return NewModel(graph).ToByteArray();
        }
    }

    public static string EncoderPath(string folder) => Path.Combine(folder, "vae_encoder", "model.onnx");

    public static string DecoderPath(string folder) => Path.Combine(folder, "vae_decoder", "model.onnx");

    public static Model Encoder()
    {
        var graph = NewGraph("sample", 3, "latent_parameters", 2 * Channels);
        graph.Node.Add(NewNode("AveragePool", ["sample"], "pooled", Ints("kernel_shape", 8, 8), Ints("strides", 8, 8)));
        graph.Node.Add(NewNode("Conv", ["pooled", "weight", "bias"], "latent_parameters", Ints("kernel_shape", 1, 1)));
        AddConvolution(graph, EncoderWeights, EncoderBias);
        return NewModel(graph);
    }

    public static Model Decoder()
    {
        var graph = NewGraph("latent_sample", Channels, "sample", 3);
        graph.Node.Add(NewNode("Conv", ["latent_sample", "weight", "bias"], "small", Ints("kernel_shape", 1, 1)));
        graph.Node.Add(NewNode("Resize", ["small", "", "scales"], "sample", Text("mode", "nearest"), Text("coordinate_transformation_mode", "asymmetric"), Text("nearest_mode", "floor")));
        AddConvolution(graph, DecoderWeights, DecoderBias);
        graph.Initializer.Add(Floats("scales", [4], [1, 1, 8, 8]));
        return NewModel(graph);
    }

    /// <summary>The encoder's file with a weight of this many numbers, of which the graph adds the first, a 0, to its output. They do not compress.</summary>
    public static byte[] EncoderWithBallast(int numbers)
    {
        var encoder = Encoder();
        var ballast = new byte[numbers * sizeof(float)];
        new Random(0).NextBytes(ballast.AsSpan(sizeof(float)));
        (encoder.Graph.Node[^1].Name, encoder.Graph.Node[^1].Output[0]) = ("light", "light");
        encoder.Graph.Node.Add(NewNode("Gather", ["ballast", "first"], "nothing"));
        encoder.Graph.Node.Add(NewNode("Add", ["light", "nothing"], "latent_parameters"));
        encoder.Graph.Initializer.Add(new Tensor { Name = "ballast", DataType = 1, Dims = { numbers }, RawData = UnsafeByteOperations.UnsafeWrap(ballast) });
        encoder.Graph.Initializer.Add(new Tensor { Name = "first", DataType = 7, Int64Data = { 0 } });
        return encoder.ToByteArray();
    }

    private static Model NewModel(Graph graph) => new() { IrVersion = 8, Graph = graph, OpsetImport = { new OpsetId { Version = 17 } } };

    private static Graph NewGraph(string input, int inputChannels, string output, int outputChannels) => new()
    {
        Name = "tiny",
        Input = { Images(input, inputChannels) },
        Output = { Images(output, outputChannels) },
    };

    private static ValueInfo Images(string name, int channels) => new()
    {
        Name = name,
        Type = new OnnxType
        {
            TensorType = new OnnxType.Types.TensorType { ElemType = 1, Shape = new Shape { Dim = { Free("N"), new Shape.Types.Dim { DimValue = channels }, Free("H"), Free("W") } } },
        },
    };

    private static Shape.Types.Dim Free(string name) => new() { DimParam = name };

    private static Node NewNode(string type, string[] inputs, string output, params OnnxAttribute[] attributes) => new()
    {
        OpType = type,
        Name = output,
        Input = { inputs },
        Output = { output },
        Attribute = { attributes },
    };

    private static OnnxAttribute Ints(string name, params long[] values) =>
        new() { Name = name, Type = OnnxAttribute.Types.Kind.Ints, Ints = { values } };

    private static OnnxAttribute Text(string name, string value) =>
        new() { Name = name, Type = OnnxAttribute.Types.Kind.String, S = ByteString.CopyFromUtf8(value) };

    private static void AddConvolution(Graph graph, float[,] weights, float[] bias)
    {
        graph.Initializer.Add(Floats("weight", [weights.GetLength(0), weights.GetLength(1), 1, 1], [.. weights.Cast<float>()]));
        graph.Initializer.Add(Floats("bias", [bias.Length], bias));
    }

    private static Tensor Floats(string name, long[] dims, float[] values) => new() { Name = name, DataType = 1, Dims = { dims }, FloatData = { values } };
}
