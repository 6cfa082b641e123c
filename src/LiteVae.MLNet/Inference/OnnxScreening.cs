using LiteVae.Formats.Onnx;

namespace LiteVae;

/// <summary>What a graph that is not trusted must not have: ways out of its file, loops, and operators that are not ONNX Runtime's own.</summary>
internal static class OnnxScreening
{
    // com.microsoft: ONNX Runtime's own operators, which its optimizer writes into saved models
    private static readonly string[] KnownDomains = ["", "ai.onnx", "com.microsoft"];

    /// <summary>Why a model is refused, as a sentence with what to do, or null.</summary>
    public static string? Refusal(OnnxOutline outline)
    {
        if (outline.Model.Functions.Count > 0)
        {
            return $"the model has {outline.Model.Functions.Count} local functions, which are refused: their content could refer to other files. Save the model with its functions inlined.";
        }

        foreach (var graph in outline.AllGraphs())
        {
            if (Tensors(graph).FirstOrDefault(IsExternal) is { } tensor)
            {
                return $"the tensor '{tensor.Name}' is kept in another file (external data), which is refused. Save the model as one file.";
            }

            if (graph.Node.Select(Refusal).FirstOrDefault(refusal => refusal is not null) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    private static string? Refusal(Node node)
    {
        if (!KnownDomains.Contains(node.Domain))
        {
            return $"the operator {node.OpType} is of the domain '{node.Domain}', whose code this library does not load. Export the model with the operators of ONNX alone.";
        }

        if (node is { Domain: "com.microsoft", OpType: "EPContext" })
        {
            return "the operator EPContext holds a model compiled for one device, which may lie in another file. Export the model itself.";
        }

        var isBranch = node is { OpType: "If", Domain: "" or "ai.onnx" };
        return isBranch || !node.Attribute.Any(attribute => attribute.G is not null || attribute.Graphs.Count > 0)
            ? null
            : $"the operator {node.OpType} runs a graph of its own over and over, for as long as the file says, which is refused. Export the model with its loops unrolled (torch.onnx.export of a traced module does that).";
    }

    private static bool IsExternal(Tensor? tensor) =>
        tensor is not null && (tensor.DataLocation == Tensor.Types.Location.External || tensor.ExternalData.Count > 0);

    private static IEnumerable<Tensor?> Tensors(Graph graph) =>
        graph.Initializer.Concat(graph.SparseInitializer.SelectMany(Tensors)).Concat(graph.Node.SelectMany(node => node.Attribute).SelectMany(attribute =>
            attribute.Tensors.Append(attribute.T).Concat(attribute.SparseTensors.Append(attribute.SparseTensor).SelectMany(Tensors))));

    private static IEnumerable<Tensor?> Tensors(SparseTensor? tensor) => tensor is null ? [] : [tensor.Values, tensor.Indices];
}
