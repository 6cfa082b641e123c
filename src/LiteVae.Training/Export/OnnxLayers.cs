using TorchSharp;
using TorchSharp.Modules;
using static LiteVae.Training.OnnxGraph;
using Proto = LiteVae.Formats.Onnx;

namespace LiteVae.Training;

/// <summary>
/// The layers of our networks as ONNX nodes. Every layer takes the value it reads and the path of its module, and returns the
/// value it makes. All sizes but channels stay dynamic.
/// </summary>
internal sealed class OnnxLayers(OnnxGraph graph)
{
    // Signs of a block's pixels (top left, top right, bottom left, bottom right) in its sub-bands LL, H, V, D.
    private static readonly float[] Low = [1, 1, 1, 1];
    private static readonly float[] Rows = [1, 1, -1, -1];
    private static readonly float[] Columns = [1, -1, 1, -1];
    private static readonly float[] Diagonal = [1, -1, -1, 1];

    private readonly Dictionary<torch.nn.Module, string> _paths = new(ReferenceEqualityComparer.Instance);

    /// <summary>A convolution that keeps height and width, as most do.</summary>
    public string Convolution(Conv2d convolution, string input, string name)
        => Convolution(convolution, convolution.weight, convolution.bias, input, name);

    /// <summary>A self-modulated convolution folded into a plain one: its scale does not depend on the input.</summary>
    public string Convolution(SelfModulatedConv2d convolution, string input, string name)
    {
        using var folded = convolution.FoldedWeight();
        return Convolution(convolution, folded, convolution.bias, input, name);
    }

    /// <summary>The same in open-litevae's form.</summary>
    public string Convolution(OpenLiteVaeConv convolution, string input, string name)
    {
        using var folded = convolution.FoldedWeight();
        return Convolution(convolution, folded, convolution.conv.bias, input, name);
    }

    /// <summary>A matrix [O, I] and a bias applied to the channels of every position: a 1x1 convolution.</summary>
    public string Linear(Linear linear, string input, string name)
    {
        using var kernel = linear.weight!.view(linear.weight.shape[0], linear.weight.shape[1], 1, 1);
        return Convolution(linear, kernel, linear.bias, input, name);
    }

    /// <summary>A 3x3 convolution of stride 2 with a row and a column of zeros behind the image: [N, C, H, W] -> [N, C, H/2, W/2].</summary>
    public string HalvingConvolution(Conv2d convolution, string input, string name)
        => Convolution(convolution, convolution.weight, convolution.bias, input, name, [0, 0, 1, 1], stride: 2);

    /// <summary>A convolution of blocks side by side, its stride its kernel's size.</summary>
    public string BlockConvolution(Conv2d convolution, string input, string name)
        => Convolution(convolution, convolution.weight, convolution.bias, input, name, [0, 0, 0, 0], stride: convolution.weight.shape[2]);

    /// <summary>A transposed convolution whose kernel is three strides wide, one of them cut off on each side.</summary>
    public string TransposedConvolution(ConvTranspose2d convolution, string input, string name)
    {
        var (kernel, stride) = (convolution.weight.shape[2], convolution.weight.shape[2] / 3);
        return graph.Node(
            "ConvTranspose",
            name,
            [input, Parameter(convolution, "weight", convolution.weight, convolution.weight.shape, name), Parameter(convolution, "bias", convolution.bias!, convolution.bias!.shape, name)],
            Attribute("kernel_shape", [kernel, kernel]),
            Attribute("pads", [stride, stride, stride, stride]),
            Attribute("strides", [stride, stride]));
    }

    /// <summary>Every value times a number.</summary>
    public string Times(string input, double factor, string name) => graph.Node("Mul", name, [input, graph.SharedConstant($"factor.{factor:R}", [(float)factor], 1)]);

    /// <summary>Channels from one on, up to another.</summary>
    public string Channels(string input, string name, long first, long end)
        => graph.Node("Slice", name, [input, graph.SharedConstant($"channel.{first}", first), graph.SharedConstant($"channel.{end}", end), graph.SharedConstant("low.axis", 1L)]);

    private string Convolution(torch.nn.Module module, torch.Tensor weight, torch.Tensor? bias, string input, string name)
    {
        var pad = weight.shape[2] / 2;
        return Convolution(module, weight, bias, input, name, [pad, pad, pad, pad], stride: 1);
    }

    private string Convolution(torch.nn.Module module, torch.Tensor weight, torch.Tensor? bias, string input, string name, long[] pads, long stride)
    {
        List<string> inputs = [input, Parameter(module, "weight", weight, weight.shape, name)];
        if (bias is not null)
        {
            inputs.Add(Parameter(module, "bias", bias, bias.shape, name));
        }

        List<Proto.Attribute> attributes = [Attribute("kernel_shape", weight.shape[2..]), Attribute("pads", pads)];
        if (stride != 1)
        {
            attributes.Add(Attribute("strides", [stride, stride]));
        }

        return graph.Node("Conv", name, inputs, [.. attributes]);
    }

    /// <summary>Group normalisation as InstanceNormalization over the groups: the fastest exact form in ONNX Runtime.</summary>
    public string GroupNorm(GroupNorm norm, string input, string name)
    {
        var (groups, channels) = (norm.num_groups, norm.weight.shape[0]);

        // 0 copies a dimension, -1 is what remains: [N, C, H, W] -> [N, G, C/G H, W] and back need no shape arithmetic.
        var split = graph.SharedConstant($"shape.groups.{groups}", 0, groups, -1, 0);
        var merge = graph.SharedConstant($"shape.channels.{channels}", 0, channels, -1, 0);
        var ones = graph.SharedConstant($"ones.{groups}", Enumerable.Repeat(1f, (int)groups).ToArray(), groups);
        var zeros = graph.SharedConstant($"zeros.{groups}", new float[groups], groups);

        var x = graph.Node("Reshape", $"{name}.split", [input, split]);
        x = graph.Node("InstanceNormalization", $"{name}.normalise", [x, ones, zeros], Attribute("epsilon", (float)norm.eps));
        x = graph.Node("Reshape", $"{name}.merge", [x, merge]);
        x = graph.Node("Mul", $"{name}.scale", [x, Parameter(norm, "weight", norm.weight, [channels, 1, 1], name)]);
        return graph.Node("Add", name, [x, Parameter(norm, "bias", norm.bias!, [channels, 1, 1], name)]);
    }

    /// <summary>x * sigmoid(x), which ONNX Runtime fuses into one kernel.</summary>
    public string SiLU(string input, string name)
        => graph.Node("Mul", name, [input, graph.Node("Sigmoid", $"{name}.sigmoid", [input])]);

    public string Add(string left, string right, string name) => graph.Node("Add", name, [left, right]);

    /// <summary>Concatenates along the channels.</summary>
    public string Concat(IReadOnlyList<string> inputs, string name) => graph.Node("Concat", name, inputs, Attribute("axis", 1));

    /// <summary>The mean of every <paramref name="size"/> x <paramref name="size"/> block.</summary>
    public string AveragePool(string input, string name, long size)
        => graph.Node("AveragePool", name, [input], Attribute("kernel_shape", [size, size]), Attribute("strides", [size, size]));

    /// <summary>Every pixel twice along both sides.</summary>
    public string UpsampleNearest(string input, string name)
        => graph.Node(
            "Resize",
            name,
            [input, "", graph.SharedConstant("scales.double", [1f, 1f, 2f, 2f], 4)],
            Attribute("mode", "nearest"),
            Attribute("coordinate_transformation_mode", "asymmetric"),
            Attribute("nearest_mode", "floor"));

    /// <summary><see cref="UpsampleNearest"/> and a convolution.</summary>
    public string NearestUpsampling(NearestUpsampling upsampling, string input, string name)
        => Convolution(upsampling.conv, UpsampleNearest(input, $"{name}.nearest"), $"{name}.conv");

    /// <summary>Single-head self-attention over all pixels of q, k and v [N, C, H, W]: softmax(q^T k / sqrt(C)) applied to v.</summary>
    public string Attention(string q, string k, string v, long channels, string name)
    {
        // [N, C, H, W] -> [N, C, H W]; the size is read back from q, since a flattened one cannot be told apart again.
        var flat = graph.SharedConstant($"shape.flat.{channels}", 0, channels, -1);
        var scale = graph.SharedConstant($"attention.scale.{channels}", [(float)(1 / Math.Sqrt(channels))], 1);
        var queries = graph.Node("Reshape", $"{name}.q.flat", [q, flat]);
        queries = graph.Node("Mul", $"{name}.q.scaled", [queries, scale]);
        queries = graph.Node("Transpose", $"{name}.q.rows", [queries], Attribute("perm", [0, 2, 1])); // [N, H W, C]
        var keys = graph.Node("Reshape", $"{name}.k.flat", [k, flat]);
        var values = graph.Node("Reshape", $"{name}.v.flat", [v, flat]);
        values = graph.Node("Transpose", $"{name}.v.rows", [values], Attribute("perm", [0, 2, 1])); // [N, H W, C]

        var weights = graph.Node("MatMul", $"{name}.scores", [queries, keys]); // [N, H W, H W]
        weights = graph.Node("Softmax", $"{name}.softmax", [weights], Attribute("axis", -1));
        var mixed = graph.Node("MatMul", $"{name}.mixed", [weights, values]); // [N, H W, C]
        mixed = graph.Node("Transpose", $"{name}.columns", [mixed], Attribute("perm", [0, 2, 1])); // [N, C, H W]
        return graph.Node("Reshape", name, [mixed, graph.Node("Shape", $"{name}.shape", [q])]); // [N, C, H, W]
    }

    /// <summary>
    /// One level of the Haar transform divided by 2, [N, 3, H, W] -> [N, 12, H/2, W/2] as LL, H, V, D: a convolution of stride 2.
    /// Its LL is the mean of the 2 x 2 block, so that the same convolution on that LL gives level l divided by 2^l.
    /// </summary>
    public string HaarAnalysis(string input, string name)
        => HaarAnalysis(input, name, HaarFilters("haar.analysis", 0.25f, [Low, Rows, Columns, Diagonal]));

    /// <summary>The same in open-litevae's form: orthonormal, not divided by 2, as LL, V, H, D.</summary>
    public string OpenLiteVaeHaarAnalysis(string input, string name)
        => HaarAnalysis(input, name, HaarFilters("haar.orthonormal", 0.5f, [Low, Columns, Rows, Diagonal]));

    /// <summary>The inverse of <see cref="HaarAnalysis(string, string)"/>, [N, 12, H/2, W/2] -> [N, 3, H, W].</summary>
    public string HaarSynthesis(string input, string name)
        => graph.Node("ConvTranspose", name, [input, HaarFilters("haar.synthesis", 1, [Low, Rows, Columns, Diagonal])], Attribute("kernel_shape", [2, 2]), Attribute("strides", [2, 2]));

    /// <summary>The LL band of <see cref="HaarAnalysis(string, string)"/>.</summary>
    public string HaarLow(string bands, string name)
        => graph.Node(
            "Slice",
            name,
            [bands, graph.SharedConstant("low.start", 0L), graph.SharedConstant("low.end", 3L), graph.SharedConstant("low.axis", 1L)]);

    private string HaarAnalysis(string input, string name, string filters)
        => graph.Node("Conv", name, [input, filters], Attribute("kernel_shape", [2, 2]), Attribute("strides", [2, 2]));

    private string HaarFilters(string name, float magnitude, ReadOnlySpan<float[]> bands)
    {
        var filters = new float[12 * 3 * 4]; // [band, 3 colours][colour][2][2]
        for (var channel = 0; channel < 12; channel++)
        {
            var (band, colour) = (channel / 3, channel % 3);
            for (var pixel = 0; pixel < 4; pixel++)
            {
                filters[(((channel * 3) + colour) * 4) + pixel] = magnitude * bands[band][pixel];
            }
        }

        return graph.SharedConstant(name, filters, 12, 3, 2, 2);
    }

    private string Parameter(torch.nn.Module module, string field, torch.Tensor tensor, ReadOnlySpan<long> shape, string path)
    {
        // A module that the network uses in several places stores its weights once, under the first path.
        _paths.TryAdd(module, path);
        var name = $"{_paths[module]}.{field}";
        if (graph.HasWeights(name))
        {
            return name;
        }

        using var scope = torch.NewDisposeScope();
        var values = tensor.detach().to(torch.float32).cpu().contiguous().data<float>().ToArray();
        return graph.Weights(name, values, shape);
    }
}
