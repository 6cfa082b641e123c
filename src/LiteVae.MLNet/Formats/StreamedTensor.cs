namespace LiteVae;

/// <summary>A tensor to be written by <see cref="SafetensorsWriter"/> that need not be in memory.</summary>
/// <param name="Name">Its name, unique in the file.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Shape">Its dimensions, outermost first.</param>
/// <param name="Write">Writes its elements, row-major, little-endian: as many bytes as shape and type ask for.</param>
internal sealed record StreamedTensor(string Name, SafetensorsType Type, IReadOnlyList<long> Shape, Action<Stream> Write);
