using System.Security.Cryptography;
using Google.Protobuf;
using LiteVae.Formats.Onnx;

namespace LiteVae;

/// <summary>An ONNX file that is not trusted: read whole, parsed, and refused where it refers to anything outside itself.</summary>
internal sealed class OnnxModelFile
{
    private const int FloatType = 1;

    private readonly string _path;
    private readonly Model _model;

    private OnnxModelFile(string path, byte[] bytes, Model model)
    {
        _path = path;
        Bytes = bytes;
        _model = model;
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    /// <summary>The file as it is, to create a session from.</summary>
    public byte[] Bytes { get; }

    /// <summary>SHA-256 of <see cref="Bytes"/> in lower-case hexadecimal.</summary>
    public string Sha256 { get; }

    /// <summary>Reads and checks a file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is not a whole ONNX model, keeps tensors in other files, or has local functions.</exception>
    public static OnnxModelFile Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: this file of the model is missing.", path);
        }

        var bytes = File.ReadAllBytes(path);
        var model = Parse(path, bytes);
        if (model.Graph is null || model.Graph.Output.Count == 0)
        {
            throw new InvalidDataException($"{path}: not an ONNX model: its {bytes.Length} bytes hold no graph with outputs. The file may be truncated.");
        }

        if (model.Functions.Count > 0)
        {
            throw new InvalidDataException(
                $"{path}: the model has {model.Functions.Count} local functions, which are refused: their content could refer to other files. Save the model with its functions inlined.");
        }

        if (ExternalData(model.Graph).FirstOrDefault() is { } tensor)
        {
            throw new InvalidDataException(
                $"{path}: the tensor '{tensor.Name}' is kept in another file (external data), which is refused. Save the model as one file.");
        }

        return new OnnxModelFile(path, bytes, model);
    }

    /// <summary>A text of the file's metadata, or null.</summary>
    public string? Metadata(string key) => _model.MetadataProps.FirstOrDefault(entry => entry.Key == key)?.Value;

    /// <summary>Checks that the model has exactly this input and this output, both f32 [N, C, H, W].</summary>
    /// <exception cref="InvalidDataException">It has others.</exception>
    public void Require(string inputName, int inputChannels, string outputName, int outputChannels)
    {
        // Old files list their weights among the inputs.
        var weights = _model.Graph.Initializer.Select(tensor => tensor.Name).ToHashSet();
        RequireOne("input", [.. _model.Graph.Input.Where(value => !weights.Contains(value.Name))], inputName, inputChannels);
        RequireOne("output", [.. _model.Graph.Output], outputName, outputChannels);
    }

    private static Model Parse(string path, byte[] bytes)
    {
        try
        {
            return Model.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException($"{path}: not an ONNX model, or a truncated one ({bytes.Length} bytes): {e.Message}", e);
        }
    }

    private void RequireOne(string kind, IReadOnlyList<ValueInfo> found, string name, int channels)
    {
        if (found.Count == 1 && found[0].Name == name && Fits(found[0].Type?.TensorType, channels))
        {
            return;
        }

        var list = found.Count == 0 ? "none" : string.Join(", ", found.Select(Describe));
        throw new InvalidDataException($"{_path}: the model's {kind} is {list}; the config wants exactly '{name}' f32 [N, {channels}, H, W].");
    }

    private static bool Fits(Formats.Onnx.Type.Types.TensorType? type, int channels) =>
        type?.ElemType == FloatType
        && (type.Shape is not { } shape || (shape.Dim.Count == 4 && (!shape.Dim[1].HasDimValue || shape.Dim[1].DimValue == channels)));

    private static string Describe(ValueInfo value)
    {
        var type = value.Type?.TensorType;
        var dimensions = type?.Shape?.Dim.Select(dim => dim.HasDimValue ? $"{dim.DimValue}" : dim.HasDimParam ? dim.DimParam : "?") ?? [];
        return $"'{value.Name}' {(type?.ElemType == FloatType ? "f32" : $"of element type {type?.ElemType}")} [{string.Join(", ", dimensions)}]";
    }

    private static IEnumerable<Tensor> ExternalData(Graph graph) =>
        Tensors(graph).Where(tensor => tensor is not null && (tensor.DataLocation == Tensor.Types.Location.External || tensor.ExternalData.Count > 0));

    private static IEnumerable<Tensor> Tensors(Graph graph) =>
        graph.Initializer.Concat(graph.SparseInitializer.SelectMany(Tensors)).Concat(graph.Node.SelectMany(Tensors));

    private static IEnumerable<Tensor> Tensors(SparseTensor? tensor) => tensor is null ? [] : [tensor.Values, tensor.Indices];

    private static IEnumerable<Tensor> Tensors(Node node) => node.Attribute.SelectMany(attribute =>
        attribute.Tensors.Append(attribute.T)
            .Concat(attribute.SparseTensors.Append(attribute.SparseTensor).SelectMany(Tensors))
            .Concat(attribute.Graphs.SelectMany(Tensors))
            .Concat(attribute.G is null ? [] : Tensors(attribute.G)));
}
