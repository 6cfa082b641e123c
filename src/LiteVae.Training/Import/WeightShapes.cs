namespace LiteVae.Training;

/// <summary>The shapes of a file's tensors under the names that a network gives them: what an architecture is inferred from.</summary>
internal sealed class WeightShapes
{
    private const int MostNumbers = 64; // more blocks or levels than any architecture may have

    private readonly SortedList<string, IReadOnlyList<long>> _shapes;

    /// <param name="path">The file, for error messages.</param>
    /// <param name="shapes">Shapes by name.</param>
    public WeightShapes(string path, IDictionary<string, IReadOnlyList<long>> shapes)
    {
        Path = path;
        _shapes = new SortedList<string, IReadOnlyList<long>>(shapes, StringComparer.Ordinal);
    }

    /// <summary>The file, for error messages.</summary>
    public string Path { get; }

    /// <summary>Whether there is a tensor of this name.</summary>
    public bool Has(string name) => _shapes.ContainsKey(name);

    /// <summary>A dimension of a convolution's weight [O, I, k, k] that the architecture is read from.</summary>
    /// <exception cref="InvalidDataException">The tensor is missing, or of another rank.</exception>
    public int Of(string name, int dimension)
    {
        if (!_shapes.TryGetValue(name, out var shape))
        {
            throw new InvalidDataException($"{Path}: the tensor '{name}' is missing, from which the architecture is told.");
        }

        if (shape.Count != 4 || shape[dimension] > int.MaxValue)
        {
            throw new InvalidDataException($"{Path}: the tensor '{name}' has shape [{string.Join(", ", shape)}]; a convolution's [O, I, k, k] is needed to tell the architecture.");
        }

        return (int)shape[dimension];
    }

    /// <summary>How many of <c>prefix.0</c>, <c>prefix.1</c>... there are, without a gap.</summary>
    public int Count(string prefix) => Enumerable.Range(0, MostNumbers).TakeWhile(i => HasBelow($"{prefix}.{i}.")).Count();

    /// <summary>Widths as a first one and whole multiples of it.</summary>
    /// <exception cref="InvalidDataException">A width is no whole multiple of the first.</exception>
    public IReadOnlyList<int> Multipliers(IReadOnlyList<int> widths, string part)
    {
        if (widths[0] == 0 || widths.Any(width => width % widths[0] != 0))
        {
            throw new InvalidDataException($"{Path}: the levels of {part} are {string.Join(", ", widths)} channels wide; they must be whole multiples of the first.");
        }

        return [.. widths.Select(width => width / widths[0])];
    }

    private bool HasBelow(string prefix)
    {
        // the first name that does not come before the prefix
        var (low, high) = (0, _shapes.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = string.CompareOrdinal(_shapes.Keys[middle], prefix) < 0 ? (middle + 1, high) : (low, middle);
        }

        return low < _shapes.Count && _shapes.Keys[low].StartsWith(prefix, StringComparison.Ordinal);
    }
}
