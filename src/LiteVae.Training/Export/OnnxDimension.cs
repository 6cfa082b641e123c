namespace LiteVae.Training;

/// <summary>One entry of a tensor's shape in ONNX: a number, or the name of a dynamic dimension.</summary>
internal readonly record struct OnnxDimension(long? Size, string? Name)
{
    public static implicit operator OnnxDimension(long size) => new(size, null);

    public static implicit operator OnnxDimension(string name) => new(null, name);
}
