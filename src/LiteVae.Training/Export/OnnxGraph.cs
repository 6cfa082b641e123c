using System.Runtime.InteropServices;
using Google.Protobuf;
using Proto = LiteVae.Formats.Onnx;

namespace LiteVae.Training;

/// <summary>
/// Builds one ONNX model, node by node. A value has the name of the node that makes it, and both have the name of the module they
/// come from, so that a line of a profile or of an error message leads back to the network.
/// </summary>
/// <remarks>The same calls give the same bytes: nothing here depends on time, place or the order of a hash table.</remarks>
internal sealed class OnnxGraph
{
    /// <summary>
    /// Opset 17 has every operator that our networks use, and dates from 2022: ONNX Runtime 1.12 and newer, OpenVINO, TensorRT and
    /// browsers read it. Newer opsets only add forms that measured slower (GroupNormalization of opset 21).
    /// </summary>
    public const int Opset = 17;

    /// <summary>The file format version that belongs to opset 17; readers refuse versions newer than they know.</summary>
    public const int IrVersion = 8;

    // TensorProto.DataType
    private const int Float32 = 1;
    private const int Int64 = 7;

    private readonly Proto.Model _model;
    private readonly HashSet<string> _values = [];
    private readonly HashSet<string> _initializers = [];

    public OnnxGraph(string name, string description)
    {
        _model = new Proto.Model
        {
            IrVersion = IrVersion,
            ProducerName = "LiteVae.Training",
            ProducerVersion = typeof(OnnxGraph).Assembly.GetName().Version?.ToString(3) ?? "",
            DocString = description,
            Graph = new Proto.Graph { Name = name },
        };
        _model.OpsetImport.Add(new Proto.OpsetId { Version = Opset });
    }

    /// <summary>Declares an fp32 input and returns its value.</summary>
    public string Input(string name, params ReadOnlySpan<OnnxDimension> shape)
    {
        Claim(name);
        _model.Graph.Input.Add(Describe(name, shape));
        return name;
    }

    /// <summary>Makes <paramref name="value"/> an fp32 output of the model. The value takes the output's name.</summary>
    public void Output(string name, string value, params ReadOnlySpan<OnnxDimension> shape)
    {
        Claim(name);
        foreach (var node in _model.Graph.Node)
        {
            Rename(node.Input, value, name);
            Rename(node.Output, value, name);
        }

        _model.Graph.Output.Add(Describe(name, shape));
    }

    /// <summary>Adds a node of the standard operator set and returns its value, which is called like the node.</summary>
    public string Node(string op, string name, IReadOnlyList<string> inputs, params ReadOnlySpan<Proto.Attribute> attributes)
    {
        Claim(name);
        foreach (var input in inputs)
        {
            // An empty name stands for an optional input that is not given.
            if (input.Length > 0 && !_values.Contains(input))
            {
                throw new ArgumentException($"Node '{name}' reads '{input}', which no earlier node, input or initializer makes.", nameof(inputs));
            }
        }

        var node = new Proto.Node { OpType = op, Name = name };
        node.Input.Add(inputs);
        node.Output.Add(name);
        foreach (var attribute in attributes)
        {
            node.Attribute.Add(attribute);
        }

        _model.Graph.Node.Add(node);
        return name;
    }

    /// <summary>Adds weights. This is where a half precision export would narrow them.</summary>
    public string Weights(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape)
    {
        Claim(name);
        Store(name, Float32, MemoryMarshal.AsBytes(values), values.Length, shape);
        return name;
    }

    /// <summary>Whether the graph has an initializer of this name.</summary>
    public bool HasWeights(string name) => _initializers.Contains(name);

    /// <summary>A constant that several nodes may share: the first call of a name stores it, later ones only refer to it.</summary>
    public string SharedConstant(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> shape)
        => HasWeights(name) ? name : Weights(name, values, shape);

    /// <summary>A vector of integers that several nodes may share, for shapes and axes.</summary>
    public string SharedConstant(string name, params ReadOnlySpan<long> values)
    {
        if (!HasWeights(name))
        {
            Claim(name);
            Store(name, Int64, MemoryMarshal.AsBytes(values), values.Length, [values.Length]);
        }

        return name;
    }

    /// <summary>Adds an entry to the model's <c>metadata_props</c>.</summary>
    public void Metadata(string key, string value) => _model.MetadataProps.Add(new Proto.StringEntry { Key = key, Value = value });

    /// <summary>The model's file.</summary>
    public byte[] ToBytes() => _model.ToByteArray();

    /// <summary>An integer attribute of a node.</summary>
    public static Proto.Attribute Attribute(string name, long value)
        => new() { Name = name, I = value, Type = Proto.Attribute.Types.Kind.Int };

    /// <summary>A floating point attribute of a node.</summary>
    public static Proto.Attribute Attribute(string name, float value)
        => new() { Name = name, F = value, Type = Proto.Attribute.Types.Kind.Float };

    /// <summary>A text attribute of a node.</summary>
    public static Proto.Attribute Attribute(string name, string value)
        => new() { Name = name, S = ByteString.CopyFromUtf8(value), Type = Proto.Attribute.Types.Kind.String };

    /// <summary>An attribute of several integers.</summary>
    public static Proto.Attribute Attribute(string name, long[] values)
    {
        var attribute = new Proto.Attribute { Name = name, Type = Proto.Attribute.Types.Kind.Ints };
        attribute.Ints.Add(values);
        return attribute;
    }

    private void Claim(string name)
    {
        if (!_values.Add(name))
        {
            throw new ArgumentException($"The graph already has a value called '{name}'.", nameof(name));
        }
    }

    private void Store(string name, int dataType, ReadOnlySpan<byte> littleEndian, int count, ReadOnlySpan<long> shape)
    {
        var expected = 1L;
        var tensor = new Proto.Tensor { Name = name, DataType = dataType, RawData = ByteString.CopyFrom(littleEndian) };
        foreach (var size in shape)
        {
            tensor.Dims.Add(size);
            expected *= size;
        }

        if (count != expected)
        {
            throw new ArgumentException($"Initializer '{name}' of shape [{string.Join(", ", shape.ToArray())}] needs {expected} values, got {count}.", nameof(count));
        }

        _initializers.Add(name);
        _model.Graph.Initializer.Add(tensor);
    }

    private static void Rename(Google.Protobuf.Collections.RepeatedField<string> names, string from, string to)
    {
        for (var i = 0; i < names.Count; i++)
        {
            names[i] = names[i] == from ? to : names[i];
        }
    }

    private static Proto.ValueInfo Describe(string name, ReadOnlySpan<OnnxDimension> shape)
    {
        var dimensions = new Proto.Shape();
        foreach (var (size, parameter) in shape)
        {
            dimensions.Dim.Add(size is { } fixedSize
                ? new Proto.Shape.Types.Dim { DimValue = fixedSize }
                : new Proto.Shape.Types.Dim { DimParam = parameter });
        }

        return new Proto.ValueInfo
        {
            Name = name,
            Type = new Proto.Type { TensorType = new Proto.Type.Types.TensorType { ElemType = Float32, Shape = dimensions } },
        };
    }
}
