using Google.Protobuf;
using LiteVae.Formats.Onnx;

namespace LiteVae;

/// <summary>What an ONNX file says about its graph, without the weights, the comments and the names of the nodes.</summary>
/// <remarks>
/// Protobuf's objects are far larger than their bytes: two bytes in a file may become a node of 170. So what is kept is copied out of the file first, field by
/// field, within limits that no autoencoder comes near; only the copy is parsed. With the file itself, that takes less memory than twice the file plus 64 MB.
/// </remarks>
internal sealed class OnnxOutline
{
    private const int MaxItems = 65_536;      // each becomes an object of at most 450 bytes, its place in a list included
    private const int MaxBytes = 4 << 20;
    private const int MaxDepth = 32;          // a weight inside a branch inside a branch lies at 10
    private const int LengthBytes = 5;

    private readonly MemoryStream _copy = new();
    private long _items;

    private OnnxOutline(byte[] file)
    {
        Copy(file, 0, Part.Model, 0);
        Model = Model.Parser.ParseFrom(_copy.GetBuffer(), 0, (int)_copy.Length);
    }

    /// <summary>The parts of the format that are kept; of a node, its type, domain and attributes.</summary>
    private enum Part
    {
        Dropped, Value, Mention, Model, Graph, Node, Attribute, Tensor, SparseTensor, StringEntry, ValueInfo, Type, TensorType, Shape, Dim, Opset,
    }

    /// <summary>The outline: no weights, and of a node only its type, its domain and the tensors and graphs in its attributes.</summary>
    public Model Model { get; }

    /// <summary>Where the model's graph lies in the file; more than one where the file gives it in pieces.</summary>
    public List<OnnxPlace> Graphs { get; } = [];

    /// <summary>Where each node of the model's graph lies in the file; nodes of inner graphs are not among them.</summary>
    public List<OnnxPlace> Nodes { get; } = [];

    /// <summary>Where each initializer of the model's graph lies in the file, in the order of <see cref="Model"/>'s.</summary>
    public List<OnnxPlace> Initializers { get; } = [];

    /// <summary>Reads the outline of a file.</summary>
    /// <exception cref="InvalidDataException">The bytes are no Protobuf, or hold more than any autoencoder would.</exception>
    public static OnnxOutline Read(byte[] file)
    {
        try
        {
            return new OnnxOutline(file);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    /// <summary>The graph and all graphs inside it, the outer ones first.</summary>
    public IEnumerable<Graph> AllGraphs() => Nested(Model.Graph);

    private static IEnumerable<Graph> Nested(Graph graph) =>
        graph.Node.SelectMany(node => node.Attribute).SelectMany(attribute => attribute.Graphs.Append(attribute.G)).Where(inner => inner is not null).SelectMany(Nested).Prepend(graph);

    private void Copy(ReadOnlySpan<byte> message, int start, Part part, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new InvalidDataException($"it nests deeper than {MaxDepth} levels.");
        }

        var reader = new WireReader(message);
        while (reader.Read())
        {
            var child = ChildOf(part, reader.Field);
            if (child == Part.Dropped || (child != Part.Value && reader.WireType != WireReader.LengthDelimited))
            {
                continue;
            }

            Count(part == Part.Tensor && reader.WireType == WireReader.LengthDelimited && reader.Field == Tensor.DimsFieldNumber ? reader.Content.Length : 1);
            Note(part, child, depth, new OnnxPlace(start + reader.FieldStart, start + reader.ContentStart, start + reader.Position));
            WriteVarint((uint)((reader.Field << 3) | reader.WireType));
            if (child == Part.Value)
            {
                WriteValue(reader);
            }
            else
            {
                WriteMessage(reader.Content, start + reader.ContentStart, child, depth + 1);
            }
        }
    }

    private static Part ChildOf(Part part, int field) => (part, field) switch
    {
        (Part.Model, Model.GraphFieldNumber) => Part.Graph,
        (Part.Model, Model.OpsetImportFieldNumber) => Part.Opset,
        (Part.Model, Model.MetadataPropsFieldNumber) => Part.StringEntry,
        (Part.Model, Model.FunctionsFieldNumber) => Part.Mention,
        (Part.Graph, Graph.NodeFieldNumber) => Part.Node,
        (Part.Graph, Graph.InitializerFieldNumber) => Part.Tensor,
        (Part.Graph, Graph.SparseInitializerFieldNumber) => Part.SparseTensor,
        (Part.Graph, Graph.InputFieldNumber or Graph.OutputFieldNumber) => Part.ValueInfo,
        (Part.Node, Node.AttributeFieldNumber) => Part.Attribute,
        (Part.Node, Node.OpTypeFieldNumber or Node.DomainFieldNumber) => Part.Value,
        (Part.Attribute, Formats.Onnx.Attribute.TFieldNumber or Formats.Onnx.Attribute.TensorsFieldNumber) => Part.Tensor,
        (Part.Attribute, Formats.Onnx.Attribute.GFieldNumber or Formats.Onnx.Attribute.GraphsFieldNumber) => Part.Graph,
        (Part.Attribute, Formats.Onnx.Attribute.SparseTensorFieldNumber or Formats.Onnx.Attribute.SparseTensorsFieldNumber) => Part.SparseTensor,
        (Part.SparseTensor, SparseTensor.ValuesFieldNumber or SparseTensor.IndicesFieldNumber) => Part.Tensor,
        (Part.Tensor, Tensor.ExternalDataFieldNumber) => Part.StringEntry,
        (Part.Tensor, Tensor.DimsFieldNumber or Tensor.DataTypeFieldNumber or Tensor.NameFieldNumber or Tensor.DataLocationFieldNumber) => Part.Value,
        (Part.ValueInfo, ValueInfo.NameFieldNumber) => Part.Value,
        (Part.ValueInfo, ValueInfo.TypeFieldNumber) => Part.Type,
        (Part.Type, Formats.Onnx.Type.TensorTypeFieldNumber) => Part.TensorType,
        (Part.TensorType, Formats.Onnx.Type.Types.TensorType.ElemTypeFieldNumber) => Part.Value,
        (Part.TensorType, Formats.Onnx.Type.Types.TensorType.ShapeFieldNumber) => Part.Shape,
        (Part.Shape, Shape.DimFieldNumber) => Part.Dim,
        (Part.Dim, Shape.Types.Dim.DimValueFieldNumber or Shape.Types.Dim.DimParamFieldNumber) => Part.Value,
        (Part.Opset, OpsetId.DomainFieldNumber or OpsetId.VersionFieldNumber) => Part.Value,
        (Part.StringEntry, StringEntry.KeyFieldNumber or StringEntry.ValueFieldNumber) => Part.Value,
        _ => Part.Dropped,
    };

    private void Note(Part part, Part child, int depth, OnnxPlace at)
    {
        if (part == Part.Model && child == Part.Graph)
        {
            Graphs.Add(at);
        }
        else if (part == Part.Graph && depth == 1)
        {
            (child == Part.Node ? Nodes : child == Part.Tensor ? Initializers : null)?.Add(at);
        }
    }

    private void WriteValue(WireReader reader)
    {
        if (reader.WireType == WireReader.LengthDelimited)
        {
            WriteVarint((uint)reader.Content.Length);
        }

        Require(reader.Content.Length);
        _copy.Write(reader.Content);
    }

    private void WriteMessage(ReadOnlySpan<byte> content, int start, Part part, int depth)
    {
        // the length is known afterwards: five bytes hold any, and Protobuf reads numbers of more bytes than they need
        var at = (int)_copy.Length;
        Require(LengthBytes);
        _copy.Write(stackalloc byte[LengthBytes]);
        if (part != Part.Mention)
        {
            Copy(content, start, part, depth);
        }

        var length = (int)_copy.Length - at - LengthBytes;
        var place = _copy.GetBuffer().AsSpan(at, LengthBytes);
        for (var i = 0; i < LengthBytes; i++)
        {
            place[i] = (byte)(((length >> (7 * i)) & 0x7F) | (i < LengthBytes - 1 ? 0x80 : 0));
        }
    }

    private void WriteVarint(uint value)
    {
        Require(LengthBytes);
        for (; value >= 0x80; value >>= 7)
        {
            _copy.WriteByte((byte)(value | 0x80));
        }

        _copy.WriteByte((byte)value);
    }

    private void Count(int items)
    {
        if ((_items += items) > MaxItems)
        {
            throw new InvalidDataException($"its graph has more than {MaxItems} parts, which no autoencoder needs.");
        }
    }

    private void Require(int bytes)
    {
        if (_copy.Length + bytes > MaxBytes)
        {
            throw new InvalidDataException($"its graph has more than {MaxBytes} bytes besides the weights, which no autoencoder needs.");
        }
    }
}

/// <summary>Where a message lies in a file.</summary>
/// <param name="Start">Where it begins, with its tag and its length.</param>
/// <param name="Content">Where its content begins.</param>
/// <param name="End">Where it ends.</param>
internal readonly record struct OnnxPlace(int Start, int Content, int End);
