using System.Security.Cryptography;

namespace LiteVae;

/// <summary>An ONNX file that is not trusted: read whole, looked through, and refused where <see cref="OnnxScreening"/> says so.</summary>
internal sealed class OnnxModelFile
{
    private static readonly int[] ParameterTypes = [OnnxPort.Float, OnnxPort.Float16, OnnxPort.Double, OnnxPort.BFloat16];

    private readonly OnnxOutline _outline;

    private OnnxModelFile(string path, byte[] bytes, OnnxOutline outline)
    {
        Path = path;
        Bytes = bytes;
        _outline = outline;
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));

        // Old files list their weights among the inputs.
        var weights = outline.Model.Graph.Initializer.Select(tensor => tensor.Name).ToHashSet();
        Inputs = [.. outline.Model.Graph.Input.Where(value => !weights.Contains(value.Name)).Select(OnnxPort.From)];
        Outputs = [.. outline.Model.Graph.Output.Select(OnnxPort.From)];
    }

    /// <summary>Where the file is.</summary>
    public string Path { get; }

    /// <summary>The file as it is.</summary>
    public byte[] Bytes { get; }

    /// <summary>SHA-256 of <see cref="Bytes"/> in lower-case hexadecimal.</summary>
    public string Sha256 { get; }

    /// <summary>What must be fed.</summary>
    public IReadOnlyList<OnnxPort> Inputs { get; }

    /// <summary>What comes out.</summary>
    public IReadOnlyList<OnnxPort> Outputs { get; }

    /// <summary>Version of ONNX's own operators, or null where the file does not say.</summary>
    public long? Opset => _outline.Model.OpsetImport.FirstOrDefault(opset => opset.Domain is "" or "ai.onnx")?.Version;

    /// <summary>Numbers in the floating-point initializers: the parameters.</summary>
    public long Parameters => (long)_outline.Model.Graph.Initializer
        .Where(tensor => ParameterTypes.Contains(tensor.DataType)).Sum(tensor => tensor.Dims.Aggregate(1.0, (product, dimension) => product * dimension));

    /// <summary>Whether it draws normal noise, which <see cref="WithoutNoise"/> takes out.</summary>
    public bool DrawsNoise => OnnxNoise.IsIn(_outline);

    /// <summary>Whether it compares positions with one another. Of the graph's operators only attention's softmax tells.</summary>
    public bool HasAttention => _outline.AllGraphs().Any(graph => graph.Node.Any(node => node.OpType == "Softmax"));

    /// <summary>Reads and checks a file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is not a whole ONNX model, or is refused by <see cref="OnnxScreening"/>.</exception>
    public static OnnxModelFile Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: this file of the model is missing.", path);
        }

        if (RegularFile.Length(path) is var length && (length == 0 || length > Array.MaxLength))
        {
            throw new InvalidDataException($"{path}: the file has {length} bytes; an ONNX model has 1 to {Array.MaxLength}, the most that its format allows.");
        }

        return Parse(path, File.ReadAllBytes(path));
    }

    /// <summary>Checks the bytes of a file.</summary>
    /// <param name="path">Where they came from.</param>
    /// <param name="bytes">The file; not copied.</param>
    /// <exception cref="InvalidDataException">It is not a whole ONNX model, or is refused by <see cref="OnnxScreening"/>.</exception>
    public static OnnxModelFile Parse(string path, byte[] bytes)
    {
        var outline = Outline(path, bytes);
        if (outline.Model.Graph is null || outline.Model.Graph.Output.Count == 0)
        {
            throw new InvalidDataException($"{path}: not an ONNX model: its {bytes.Length} bytes hold no graph with outputs. The file may be truncated.");
        }

        return OnnxScreening.Refusal(outline) is { } refusal
            ? throw new InvalidDataException($"{path}: {refusal}")
            : new OnnxModelFile(path, bytes, outline);
    }

    /// <summary>A text of the file's metadata, or null.</summary>
    public string? Metadata(string key) => _outline.Model.MetadataProps.FirstOrDefault(entry => entry.Key == key)?.Value;

    /// <summary>The model's bytes to create a session from, with the noise that some encoders draw inside the graph set to 0: then they give the mean.</summary>
    /// <exception cref="InvalidDataException">The model draws random numbers in another way.</exception>
    public byte[] WithoutNoise() => OnnxNoise.Silence(Bytes, _outline, Path);

    /// <summary>What the output depends on along a side (0 down, 1 across), or null where that is the whole image or is not known.</summary>
    /// <param name="inputsPerBlock">The input's positions in the length of a latent position.</param>
    /// <param name="axis">The side.</param>
    public Reach? FindReach(int inputsPerBlock, int axis) => GraphReach.Find(Bytes, _outline, Inputs[0].Name, inputsPerBlock, axis);

    private static OnnxOutline Outline(string path, byte[] bytes)
    {
        try
        {
            return OnnxOutline.Read(bytes);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{path}: not an ONNX model, or a truncated one ({bytes.Length} bytes): {e.Message}", e);
        }
    }
}
