using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>A file's tensors under the network's names, every one accounted for before anything is allocated.</summary>
internal sealed class NetworkTensors
{
    private const int MostNamed = 20;

    private readonly IWeightFile _file;
    private readonly IWeightFormat _format;
    private readonly Dictionary<string, WeightEntry> _sources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<long>> _shapes = new(StringComparer.Ordinal);
    private readonly List<string> _leftOut = [];

    private NetworkTensors(IWeightFile file, IWeightFormat format) => (_file, _format) = (file, format);

    /// <summary>The tensors' shapes by the network's names.</summary>
    public WeightShapes Shapes => new(_file.Path, _shapes);

    /// <summary>Tensors that belong to no part of the network, sorted.</summary>
    public IReadOnlyList<string> LeftOut => _leftOut;

    /// <summary>The file's name for a tensor of the network.</summary>
    public string SourceOf(string name) => _sources[name].Name;

    /// <summary>Translates the names of a file.</summary>
    /// <exception cref="InvalidDataException">Two tensors have the same name in the network.</exception>
    public static NetworkTensors From(IWeightFile file, WeightFamily family)
    {
        var (format, prefix) = family;
        var tensors = new NetworkTensors(file, format);
        foreach (var entry in file.Entries)
        {
            if (!entry.Name.StartsWith(prefix, StringComparison.Ordinal) || !format.Roots.Contains(entry.Name[prefix.Length..].Split('.', 2)[0]))
            {
                tensors._leftOut.Add(entry.Name);
                continue;
            }

            var (name, shape) = format.Translate(entry with { Name = entry.Name[prefix.Length..] });
            if (!tensors._sources.TryAdd(name, entry))
            {
                throw new InvalidDataException($"{file.Path}: the tensors {Quoted(tensors._sources[name].Name)} and {Quoted(entry.Name)} are the same one of the network, {Quoted(name)}.");
            }

            tensors._shapes.Add(name, shape);
        }

        tensors._leftOut.Sort(StringComparer.Ordinal);
        return tensors;
    }

    /// <summary>Refuses a file whose tensors are not, name by name and shape by shape, those of an architecture.</summary>
    /// <param name="architecture">The architecture.</param>
    /// <param name="source">The config that it was read from, or null where it was told from the shapes.</param>
    /// <exception cref="InvalidDataException">They are not; the message lists what is missing, what has another shape and what is unknown.</exception>
    public void RequireFit(ModelArchitecture architecture, string? source)
    {
        using var network = AutoencoderNetwork.Create(architecture, META); // shapes without memory
        List<string> missing = [], misshaped = [];
        var unknown = _shapes.Keys.ToHashSet(StringComparer.Ordinal);
        var bytes = 0L;
        foreach (var (name, parameter) in network.named_parameters())
        {
            if (!unknown.Remove(name))
            {
                missing.Add(Quoted(name));
            }
            else if (!_shapes[name].SequenceEqual(parameter.shape))
            {
                misshaped.Add($"{Quoted(_sources[name].Name)} is [{string.Join(", ", _shapes[name])}] and should be [{string.Join(", ", parameter.shape)}]");
            }

            bytes += parameter.numel() * (_sources.TryGetValue(name, out var entry) ? entry.Type.Size() : 0);
        }

        var faults = List("missing", missing).Concat(List("of another shape", misshaped)).Concat(List("unknown", [.. unknown.Order(StringComparer.Ordinal).Select(name => Quoted(_sources[name].Name))])).ToList();
        if (faults.Count > 0)
        {
            throw new InvalidDataException($"{_file.Path}: these weights do not fit the architecture of {_format.Name} {(source is null ? "that their shapes tell" : $"that {source} states")}: {string.Join("; ", faults)}.");
        }

        // Tensors may share memory in PyTorch's files; a network's do not, and a small file must not become a large network.
        if (bytes > _file.Length)
        {
            throw new InvalidDataException($"{_file.Path}: the network's tensors have {bytes} bytes, more than the {_file.Length} of the file: they share memory, which is refused.");
        }
    }

    private static IEnumerable<string> List(string what, List<string> names) => names.Count == 0 ? []
        : [$"{names.Count} tensors are {what}: {string.Join(", ", names.Take(MostNamed))}{(names.Count > MostNamed ? $" and {names.Count - MostNamed} more" : "")}"];

    private static string Quoted(string name) => $"'{FaultText.Printable(name)}'";
}
