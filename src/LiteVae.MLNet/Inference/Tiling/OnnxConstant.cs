using Google.Protobuf;
using LiteVae.Formats.Onnx;

namespace LiteVae;

/// <summary>A value of a graph that does not depend on the input.</summary>
/// <param name="Dims">Its shape, or null where that is not known.</param>
/// <param name="Numbers">Its values, where they are few and known.</param>
internal sealed record OnnxConstant(IReadOnlyList<long>? Dims, double[]? Numbers)
{
    // The few numbers that say how an operator works, such as the scales of a Resize; weights are longer.
    private const int MaxBytes = 512;
    private const int Int64 = 7;

    /// <summary>What is known of the result of an operator on constants.</summary>
    public static OnnxConstant Unknown { get; } = new(null, null);

    /// <summary>Whether it is the same everywhere in an image, also where it is broadcast: one number, or one a channel.</summary>
    public bool IsFlat => Dims is { Count: <= 4 } && Dims.TakeLast(2).All(dimension => dimension == 1);

    /// <summary>An initializer.</summary>
    /// <param name="outline">Its name and shape.</param>
    /// <param name="bytes">Its message in the file.</param>
    public static OnnxConstant From(Tensor outline, ReadOnlySpan<byte> bytes) => new(outline.Dims, bytes.Length <= MaxBytes && Parse(bytes) is { } tensor ? NumbersOf(tensor) : null);

    /// <summary>The value of a Constant node.</summary>
    public static OnnxConstant From(Node node) => node.Attribute is [var attribute]
        ? attribute switch
        {
            { Name: "value", T: { } tensor } => new OnnxConstant(tensor.Dims, NumbersOf(tensor)),
            { Name: "value_float" } => new OnnxConstant([], [attribute.F]),
            { Name: "value_int" } => new OnnxConstant([], [attribute.I]),
            { Name: "value_floats" } => new OnnxConstant([attribute.Floats.Count], [.. attribute.Floats.Select(value => (double)value)]),
            { Name: "value_ints" } => new OnnxConstant([attribute.Ints.Count], [.. attribute.Ints.Select(value => (double)value)]),
            _ => Unknown,
        }
        : Unknown;

    private static Tensor? Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Tensor.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static double[]? NumbersOf(Tensor tensor)
    {
        var raw = tensor.RawData.Span;
        return tensor.DataType switch
        {
            OnnxPort.Float when raw.Length > 0 => [.. Chunks(raw, sizeof(float)).Select(bytes => (double)BitConverter.ToSingle(bytes))],
            OnnxPort.Float => [.. tensor.FloatData.Select(value => (double)value)],
            Int64 when raw.Length > 0 => [.. Chunks(raw, sizeof(long)).Select(bytes => (double)BitConverter.ToInt64(bytes))],
            Int64 => [.. tensor.Int64Data.Select(value => (double)value)],
            _ => null,
        };
    }

    private static IEnumerable<byte[]> Chunks(ReadOnlySpan<byte> raw, int size) => raw[..(raw.Length / size * size)].ToArray().Chunk(size);
}
