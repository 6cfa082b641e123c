using Google.Protobuf;
using LiteVae.Formats.Onnx;
using OnnxAttribute = LiteVae.Formats.Onnx.Attribute;

namespace LiteVae;

/// <summary>
/// Takes the noise out of encoders that sample inside the graph: mean + std * RandomNormalLike(...), as older versions of Optimum and Diffusers exported them.
/// With the noise 0 they give the posterior's mean, the same for the same image.
/// </summary>
internal static class OnnxNoise
{
    private const string Noise = "RandomNormalLike";
    private const int MaxNodeBytes = 4096;

    private static readonly string[] OtherRandom = ["RandomNormal", "RandomUniform", "RandomUniformLike", "Multinomial", "Bernoulli"];

    /// <summary>Whether a model draws normal noise, in its graph or in a branch of it.</summary>
    public static bool IsIn(OnnxOutline outline) => outline.AllGraphs().Any(graph => graph.Node.Any(IsNoise));

    /// <summary>The file's bytes, changed where it draws normal noise; the very same array where it draws none.</summary>
    /// <exception cref="InvalidDataException">The model draws random numbers in another way.</exception>
    public static byte[] Silence(byte[] file, OnnxOutline outline, string path)
    {
        foreach (var node in outline.AllGraphs().SelectMany(graph => graph.Node).Where(node => OtherRandom.Contains(node.OpType)))
        {
            throw Refuse(path, node.OpType, "only the noise of a posterior, drawn by RandomNormalLike, can be taken out");
        }

        if (outline.AllGraphs().Skip(1).Any(graph => graph.Node.Any(IsNoise)))
        {
            throw Refuse(path, Noise, "it does so inside a branch");
        }

        var nodes = outline.Model.Graph.Node;
        var noisy = Enumerable.Range(0, nodes.Count).Where(index => IsNoise(nodes[index])).ToList();
        if (noisy.Count == 0)
        {
            return file;
        }

        return outline.Graphs is [var graph]
            ? Splice(file, graph, [.. noisy.Select(index => (outline.Nodes[index], Zeros(file.AsSpan(outline.Nodes[index].Content..outline.Nodes[index].End), path, $"litevae_zero_{index}")))])
            : throw Refuse(path, Noise, "its graph is stored in several pieces");
    }

    private static bool IsNoise(Node node) => node.OpType == Noise;

    /// <summary>The nodes, as they lie in a graph's message, that give zeros in the place of a node that gives noise.</summary>
    private static byte[] Zeros(ReadOnlySpan<byte> bytes, string path, string name)
    {
        var node = bytes.Length <= MaxNodeBytes ? Parse(bytes) : null;
        if (node is not { Input.Count: 1, Output.Count: 1 } || node.Attribute.Any(attribute => attribute.Name == "mean" && attribute.F != 0))
        {
            throw Refuse(path, Noise, "not as a posterior does, with one input, one output and mean 0");
        }

        var zeros = new Graph();
        var type = node.Attribute.FirstOrDefault(attribute => attribute.Name == "dtype")?.I;
        zeros.Node.Add(new Node { OpType = "Sub", Name = name, Input = { node.Input[0], node.Input[0] }, Output = { type is null ? node.Output[0] : name } });
        if (type is { } wanted)
        {
            var to = new OnnxAttribute { Name = "to", Type = OnnxAttribute.Types.Kind.Int, I = wanted };
            zeros.Node.Add(new Node { OpType = "Cast", Name = name + "_cast", Input = { name }, Output = { node.Output[0] }, Attribute = { to } });
        }

        return zeros.ToByteArray();
    }

    private static Node? Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Node.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    /// <summary>The file with nodes of its graph replaced, and with the graph's length as it then is.</summary>
    private static byte[] Splice(byte[] file, OnnxPlace graph, List<(OnnxPlace Node, byte[] Replacement)> changes)
    {
        var length = graph.End - graph.Content + changes.Sum(change => change.Replacement.Length - (change.Node.End - change.Node.Start));
        using var header = new MemoryStream();
        using (var writer = new CodedOutputStream(header, leaveOpen: true))
        {
            writer.WriteTag(Model.GraphFieldNumber, WireFormat.WireType.LengthDelimited);
            writer.WriteLength(length);
        }

        var result = new byte[graph.Start + header.Length + length + file.Length - graph.End];
        using var output = new MemoryStream(result);
        output.Write(file.AsSpan(0, graph.Start));
        output.Write(header.ToArray());
        var from = graph.Content;
        foreach (var (node, replacement) in changes)
        {
            output.Write(file.AsSpan(from..node.Start));
            output.Write(replacement);
            from = node.End;
        }

        output.Write(file.AsSpan(from));
        return result;
    }

    private static InvalidDataException Refuse(string path, string operation, string reason) => new(
        $"{path}: the model draws random numbers ({operation}), so that the same input would not give the same output: {reason}. Export the model so that it gives the moments or the mean.");
}
