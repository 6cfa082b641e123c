using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>Tensors of a weight file that are used as they are and never trained. Owns them, whatever dispose scope they were read in.</summary>
internal sealed class FrozenTensors : IDisposable
{
    private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);

    private FrozenTensors()
    {
    }

    /// <summary>A tensor by its name in the file.</summary>
    public Tensor this[string name] => _tensors[name];

    /// <summary>Reads tensors, all shapes checked before any is.</summary>
    /// <param name="file">The file.</param>
    /// <param name="wanted">Names and shapes.</param>
    /// <param name="whose">Whose weights these are, for messages: "SqueezeNet 1.1".</param>
    /// <param name="wayOut">What to do where they are not those, a sentence.</param>
    /// <param name="device">Where to put them.</param>
    /// <param name="type">Their element type in memory.</param>
    /// <exception cref="InvalidDataException">A tensor is missing, of another shape, no floats, or not finite.</exception>
    public static FrozenTensors Read(IWeightFile file, IReadOnlyList<(string Name, long[] Shape)> wanted, string whose, string wayOut, Device device, ScalarType type)
    {
        var shapes = file.Entries.ToDictionary(entry => entry.Name, entry => entry.Shape, StringComparer.Ordinal);
        foreach (var (name, shape) in wanted)
        {
            if (!shapes.TryGetValue(name, out var found))
            {
                throw new InvalidDataException($"{file.Path}: the tensor '{name}' is missing, which {whose} needs as [{string.Join(", ", shape)}]. {wayOut}");
            }

            if (!found.SequenceEqual(shape))
            {
                throw new InvalidDataException($"{file.Path}: the tensor '{name}' is [{string.Join(", ", found)}]; {whose} needs [{string.Join(", ", shape)}]. {wayOut}");
            }
        }

        using var scope = NewDisposeScope(); // frees what was read before a tensor that is refused
        var tensors = new FrozenTensors();
        foreach (var (name, shape) in wanted)
        {
            tensors._tensors.Add(name, tensor(file.ReadFinite(name), shape, dtype: type, device: device));
        }

        foreach (var read in tensors._tensors.Values)
        {
            read.DetachFromDisposeScope();
        }

        return tensors;
    }

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        foreach (var tensor in _tensors.Values)
        {
            tensor.Dispose();
        }
    }
}
