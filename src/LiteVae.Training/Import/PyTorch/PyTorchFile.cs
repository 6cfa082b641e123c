using System.Text;

namespace LiteVae.Training;

/// <summary>Reads the tensors of a file that torch.save wrote, in the zip format that PyTorch writes since 1.6, in place and without executing anything.</summary>
/// <remarks>
/// The file's dictionary of tensors is read, or the one under its key <c>state_dict</c>, as PyTorch Lightning writes it. The zip file's entries must be
/// stored, not compressed; the pickle in it may use the opcodes and name the globals of tensors, and nothing else. Whatever stands in the file, opening it
/// allocates at most twice its size and 64 MB; a tensor's bytes are checked against their CRC-32 when they are first read.
/// </remarks>
internal sealed class PyTorchFile : IWeightFile
{
    /// <summary>Most tensors of a file.</summary>
    public const int MaxTensors = SafetensorsHeader.MaxEntries;

    private const string StateDict = "state_dict";

    private readonly MappedFile _file;
    private readonly Refusals _refusals;
    private readonly Dictionary<string, PyTorchTensor> _tensors = new(StringComparer.Ordinal);
    private readonly List<WeightEntry> _entries = [];

    private PyTorchFile(MappedFile file, Refusals refusals) => (_file, _refusals) = (file, refusals);

    public string Path => _file.Path;

    public long Length => _file.Length;

    public IReadOnlyDictionary<string, string> Metadata { get; } = new Dictionary<string, string>();

    public IReadOnlyList<WeightEntry> Entries => _entries;

    /// <summary>Opens a file and checks all of it but the tensors' bytes.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file breaks a rule; the message says which, and where.</exception>
    public static PyTorchFile Open(string path)
    {
        var file = MappedFile.Open(path);
        try
        {
            var refusals = new Refusals(path);
            var archive = PyTorchArchive.Open(file, refusals);
            var tensors = new PyTorchFile(file, refusals);
            tensors.List(PickleMachine.Run(archive.PickleBytes(), new TorchObjects(archive, refusals), refusals));
            return tensors;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public float[] ReadFloats(string name) => _tensors.TryGetValue(name, out var tensor)
        ? tensor.ReadFloats(name, _refusals)
        : throw new InvalidDataException($"{Path}: {TensorNames.Missing(name, _tensors.Keys)}");

    public void Dispose() => _file.Dispose();

    private void List(object? value)
    {
        _refusals.Require(value is PickleDictionary, $"it holds {PickleValue.Describe(value)}; a dictionary of tensors by their names is needed", Refusals.SaveAgain);
        var top = (PickleDictionary)value;
        var nested = top.Items.Where(item => item.Key is StateDict).Select(item => item.Value).ToList();
        _refusals.Require(nested.Count <= 1, $"it has the key '{StateDict}' {nested.Count} times");
        _refusals.Require(nested is [] or [PickleDictionary], $"its '{StateDict}' is {PickleValue.Describe(nested.FirstOrDefault())}; a dictionary of tensors by their names is needed");

        var items = nested is [PickleDictionary states] ? states.Items : top.Items;
        _refusals.Require(items.Count <= MaxTensors, $"it has {items.Count} tensors; at most {MaxTensors} are allowed");
        _tensors.EnsureCapacity(items.Count);
        _entries.EnsureCapacity(items.Count);
        foreach (var (key, tensor) in items)
        {
            Add(key, tensor);
        }
    }

    private void Add(object? key, object? value)
    {
        _refusals.Require(key is string, $"among the names of its tensors is {PickleValue.Describe(key)}, which is no text", Refusals.SaveTensorsAlone);
        var name = (string)key;
        var bytes = Encoding.UTF8.GetByteCount(name);
        _refusals.Require(bytes <= TensorNames.MaxBytes, $"a tensor's name takes {bytes} bytes; at most {TensorNames.MaxBytes} are allowed. It begins with '{name}'");
        _refusals.Require(
            value is PyTorchTensor,
            $"'{name}' is {PickleValue.Describe(value)}, not a tensor; the file, or its '{StateDict}' where it has one, must hold tensors only",
            value is PickleDictionary ? Refusals.SaveInnerAlone : Refusals.SaveTensorsAlone);
        var tensor = (PyTorchTensor)value;
        _refusals.Require(_tensors.TryAdd(name, tensor), $"there are two tensors called '{name}'");
        _entries.Add(new WeightEntry(name, tensor.Type, tensor.Shape));
    }
}
