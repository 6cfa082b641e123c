namespace LiteVae;

/// <summary>One tensor of a safetensors file, as its header describes it.</summary>
/// <param name="Name">The tensor's name, unique in the file.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Shape">Its dimensions, outermost first; empty for a single value.</param>
/// <param name="Offset">Where its first byte stands, counted from the start of the file.</param>
/// <param name="Length">Its bytes.</param>
public sealed record SafetensorsEntry(string Name, SafetensorsType Type, IReadOnlyList<long> Shape, long Offset, long Length);
