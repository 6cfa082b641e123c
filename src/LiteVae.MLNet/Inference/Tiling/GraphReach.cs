using Google.Protobuf;
using LiteVae.Formats.Onnx;

namespace LiteVae;

/// <summary>
/// Walks a graph from its input to its output and finds, along one side, what the output's positions depend on. An operator that is not known to be local ends
/// the walk: so norms, attention, and whatever looks at the whole image or at its edges in its own way.
/// </summary>
internal sealed class GraphReach
{
    private const int MaxNodeBytes = 4096;

    // position by position, and the same at every one; RandomNormalLike is set to 0 before the model runs
    private static readonly HashSet<string> Elementwise =
    [
        "Abs", "Add", "Cast", "Ceil", "Clip", "Div", "Elu", "Erf", "Exp", "Floor", "Gelu", "HardSigmoid", "HardSwish", "Identity", "LeakyRelu", "Log", "Max", "Mean", "Min",
        "Mish", "Mul", "Neg", "Pow", "PRelu", "QuickGelu", "RandomNormalLike", "Reciprocal", "Relu", "Round", "Selu", "Sigmoid", "Softplus", "Softsign", "Sqrt", "Sub", "Sum",
        "Swish", "Tanh", "ThresholdedRelu",
    ];

    private readonly int _axis;
    private readonly Dictionary<string, OnnxConstant> _constants = [];
    private readonly Dictionary<string, Reach> _reaches = [];

    private GraphReach(int axis) => _axis = axis;

    /// <summary>What the only output depends on along an axis (0 down, 1 across), or null where that is the whole image or is not known.</summary>
    /// <param name="file">The file's bytes.</param>
    /// <param name="outline">Its outline.</param>
    /// <param name="input">The name of the input that is fed.</param>
    /// <param name="inputsPerBlock">Its positions in the length of a latent position.</param>
    /// <param name="axis">The axis.</param>
    public static Reach? Find(byte[] file, OnnxOutline outline, string input, int inputsPerBlock, int axis)
    {
        var graph = outline.Model.Graph;
        if (outline.Graphs.Count != 1 || Reach.OfInput(inputsPerBlock) is not { } reach)
        {
            return null;
        }

        var walk = new GraphReach(axis);
        walk._reaches[input] = reach;
        for (var i = 0; i < graph.Initializer.Count; i++)
        {
            var place = outline.Initializers[i];
            walk._constants[graph.Initializer[i].Name] = OnnxConstant.From(graph.Initializer[i], file.AsSpan(place.Content..place.End));
        }

        return outline.Nodes.All(place => walk.Take(file.AsSpan(place.Content..place.End))) ? walk._reaches.GetValueOrDefault(graph.Output[0].Name) : null;
    }

    /// <summary>Notes what a node's outputs depend on; false where the graph cannot be followed further.</summary>
    private bool Take(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxNodeBytes || Parse(bytes) is not { } node || node.Output.Any(name => _reaches.ContainsKey(name) || _constants.ContainsKey(name)))
        {
            return false;
        }

        // A value that is in neither table is not known; nor is then what comes of it.
        var inputs = node.Input.Where(name => name.Length > 0).ToList();
        if (node.Attribute.Any(attribute => attribute.G is not null || attribute.Graphs.Count > 0))
        {
            return true;
        }

        if (inputs.All(_constants.ContainsKey))
        {
            Note(node.Output, _constants, node.OpType == "Constant" ? OnnxConstant.From(node) : OnnxConstant.Unknown);
        }
        else if (inputs.All(name => _reaches.ContainsKey(name) || _constants.ContainsKey(name)) && Of(node) is { } reach)
        {
            Note(node.OpType == "Split" ? node.Output : node.Output.Take(1), _reaches, reach); // the others of a MaxPool are places in the whole image
        }

        return true;
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

    private static void Note<T>(IEnumerable<string> names, Dictionary<string, T> table, T value)
    {
        foreach (var name in names.Where(name => name.Length > 0))
        {
            table[name] = value;
        }
    }

    private Reach? Of(Node node)
    {
        var attributes = new OnnxAttributes(node);
        if (Elementwise.Contains(node.OpType))
        {
            return Joined(node, constantsMayJoin: true);
        }

        if (node.OpType == "Concat")
        {
            return IsOfChannels(attributes.Int("axis", absent: 0)) ? Joined(node, constantsMayJoin: false) : null;
        }

        // all others read one input that depends on the image, and know the rest
        var rest = node.Input.Skip(1).Where(name => name.Length > 0);
        if (!_reaches.TryGetValue(node.Input[0], out var input) || !rest.All(_constants.ContainsKey))
        {
            return null;
        }

        return node.OpType switch
        {
            "Conv" => Convolution(node, attributes, input),
            "ConvTranspose" => Transposed(node, attributes, input),
            "AveragePool" or "MaxPool" => attributes.Int("ceil_mode", absent: 0) == 0 ? Window(attributes, Kernel(attributes, null), input) : null,
            "Resize" => Resized(node, attributes, input),
            "Upsample" => attributes.Text("mode", "nearest") == "nearest" ? Enlarged(node.Input.Count > 1 ? Constant(node, 1) : null, input) : null,
            "DepthToSpace" => input.Repeat(attributes.Int("blocksize", absent: 0)),
            "SpaceToDepth" => attributes.Int("blocksize", absent: 0) is var size ? input.Window(size, size, 1, 0, 0) : null,
            "Split" => IsOfChannels(attributes.Int("axis", absent: 0)) ? input : null,
            "Slice" => Constant(node, 3)?.Numbers is [var axis] && IsOfChannels(axis) ? input : null,
            _ => null,
        };
    }

    private Reach? Joined(Node node, bool constantsMayJoin)
    {
        Reach? all = null;
        foreach (var name in node.Input.Where(name => name.Length > 0))
        {
            if (_reaches.TryGetValue(name, out var reach))
            {
                all = all is null ? reach : Reach.Join(all, reach);
                if (all is null)
                {
                    return null;
                }
            }
            else if (!constantsMayJoin || !_constants[name].IsFlat)
            {
                return null;
            }
        }

        return all;
    }

    private static bool IsOfChannels(double axis) => axis is 1 or -3;

    private OnnxConstant? Constant(Node node, int index) => index < node.Input.Count ? _constants.GetValueOrDefault(node.Input[index]) : null;

    private Reach? Convolution(Node node, OnnxAttributes attributes, Reach input) => Window(attributes, Kernel(attributes, Constant(node, 1)), input);

    private Reach? Window(OnnxAttributes attributes, long? kernel, Reach input) =>
        kernel is { } size && HasPads(attributes) && attributes.Ints("strides", 2, 1) is { } strides && attributes.Ints("dilations", 2, 1) is { } dilations && attributes.Ints("pads", 4, 0) is { } pads
            ? input.Window(size, strides[_axis], dilations[_axis], pads[_axis], pads[_axis + 2])
            : null;

    private Reach? Transposed(Node node, OnnxAttributes attributes, Reach input) =>
        Kernel(attributes, Constant(node, 1)) is { } size && HasPads(attributes) && !attributes.Has("output_shape") && attributes.Ints("output_padding", 2, 0) is { } extra
        && attributes.Ints("strides", 2, 1) is { } strides && attributes.Ints("dilations", 2, 1) is { } dilations && attributes.Ints("pads", 4, 0) is { } pads
            ? input.Scatter(size, strides[_axis], dilations[_axis], pads[_axis], pads[_axis + 2], extra[_axis])
            : null;

    /// <summary>Stated by the node, or by the shape of the weights [O, I, k, k].</summary>
    private long? Kernel(OnnxAttributes attributes, OnnxConstant? weights) =>
        attributes.Has("kernel_shape") ? attributes.Ints("kernel_shape", 2, 0)?[_axis] : weights?.Dims is { Count: 4 } dims ? dims[_axis + 2] : null;

    private static bool HasPads(OnnxAttributes attributes) => attributes.Text("auto_pad", "NOTSET") == "NOTSET";

    // Whole multiples by the nearest neighbour: these pairs of rules take i / scale, rounded down; others look to the next position or at the size of the whole.
    private Reach? Resized(Node node, OnnxAttributes attributes, Reach input)
    {
        var isNearest = attributes.Text("mode", "nearest") == "nearest"
            && (attributes.Text("coordinate_transformation_mode", "half_pixel"), attributes.Text("nearest_mode", "round_prefer_floor")) is
                ("asymmetric", "floor") or ("half_pixel" or "pytorch_half_pixel", "round_prefer_floor" or "round_prefer_ceil");
        var isPlain = !attributes.Has("axes") && attributes.Int("antialias", absent: 0) == 0 && (node.Input.Count < 4 || node.Input[3].Length == 0);
        return isNearest && isPlain ? Enlarged(Constant(node, 2), input) : null;
    }

    private Reach? Enlarged(OnnxConstant? scales, Reach input) =>
        scales?.Numbers is [1, 1, var down, var across] && (_axis == 0 ? down : across) is >= 1 and <= int.MaxValue and var scale && scale == Math.Floor(scale) ? input.Repeat((long)scale) : null;
}
