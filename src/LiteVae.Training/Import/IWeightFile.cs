namespace LiteVae.Training;

/// <summary>A file of named tensors, of whatever format: what an importer reads.</summary>
internal interface IWeightFile : IDisposable
{
    /// <summary>The file.</summary>
    string Path { get; }

    /// <summary>Its bytes.</summary>
    long Length { get; }

    /// <summary>The file's own notes; empty where the format has none.</summary>
    IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The tensors; names are unique.</summary>
    IReadOnlyList<WeightEntry> Entries { get; }

    /// <summary>A tensor's values as floats, row-major.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor, its elements are not floats, or they cannot be read.</exception>
    float[] ReadFloats(string name);
}

/// <summary>One tensor of an <see cref="IWeightFile"/>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Type of its elements in the file.</param>
/// <param name="Shape">Its dimensions, outermost first; empty for a single value.</param>
internal sealed record WeightEntry(string Name, SafetensorsType Type, IReadOnlyList<long> Shape);
