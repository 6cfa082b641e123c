namespace LiteVae.Training;

/// <summary>The zip file that torch.save writes: a folder with <c>data.pkl</c>, which describes the tensors, and a storage of elements in each <c>data/KEY</c>.</summary>
internal sealed class PyTorchArchive
{
    /// <summary>Most bytes of <c>data.pkl</c>.</summary>
    public const int MaxPickleBytes = 100_000_000;

    private const string Pickle = "data.pkl";
    private const int MaxKeyLength = 256;

    private readonly MappedFile _file;
    private readonly Refusals _refusals;
    private readonly ZipDirectory _directory;
    private readonly string _folder;
    private readonly ZipEntry _pickle;
    private readonly Dictionary<string, PyTorchStorage> _storages = new(StringComparer.Ordinal);

    private PyTorchArchive(MappedFile file, Refusals refusals, ZipDirectory directory, ZipEntry pickle)
    {
        (_file, _refusals, _directory, _pickle) = (file, refusals, directory, pickle);
        _folder = pickle.Name[..^Pickle.Length];
    }

    /// <summary>Reads and checks the directory of a file.</summary>
    /// <exception cref="InvalidDataException">It is no such zip file, or one that is not read: of TorchScript, or big-endian.</exception>
    public static PyTorchArchive Open(MappedFile file, Refusals refusals)
    {
        var directory = ZipDirectory.Read(file, refusals, name => RequireNoProgram(name, refusals));
        ZipEntry? pickle = null;
        foreach (var entry in directory.Entries)
        {
            if (WithoutFolder(entry.Name).SequenceEqual(Pickle))
            {
                refusals.Require(pickle is null, $"the zip file has both '{pickle?.Name}' and '{entry.Name}', and should have one");
                pickle = entry;
            }
        }

        refusals.Require(pickle is not null, $"the zip file has no entry 'FOLDER/{Pickle}': torch.save did not write it. Unpack it if the weights are inside");
        var archive = new PyTorchArchive(file, refusals, directory, pickle);
        archive.RequireLittleEndian();
        return archive;
    }

    /// <summary>The bytes of <c>data.pkl</c>.</summary>
    /// <exception cref="InvalidDataException">They are too many, or damaged.</exception>
    public ReadOnlySpan<byte> PickleBytes()
    {
        _refusals.Require(_pickle.Length <= MaxPickleBytes, $"'{_pickle.Name}' has {_pickle.Length} bytes; at most {MaxPickleBytes} are allowed");
        _pickle.RequireIntact(_file, _refusals);
        return _file.Bytes(_pickle.Offset, (int)_pickle.Length);
    }

    /// <summary>A storage, the same object each time it is asked for.</summary>
    /// <exception cref="InvalidDataException">There is none of this key, or it does not have these elements.</exception>
    public PyTorchStorage Storage(string key, SafetensorsType type, long elements)
    {
        if (!_storages.TryGetValue(key, out var storage))
        {
            _refusals.Require(key.Length <= MaxKeyLength, $"the storage '{key}' has a key of {key.Length} characters; at most {MaxKeyLength} are allowed");
            var name = $"{_folder}data/{key}";
            _refusals.Require(_directory.TryGet(name, out var entry), $"the storage '{key}' is missing: there is no entry '{name}' in the zip file");
            storage = new PyTorchStorage(_file, entry, type, _refusals);
            _storages.Add(key, storage);
            _refusals.Require(
                entry.Length % type.Size() == 0,
                $"the entry '{name}' has {entry.Length} bytes, which is no whole number of elements of type {type.Spelling()}");
        }

        _refusals.Require(storage.Type == type, $"the storage '{storage.Name}' is said to be of type {type.Spelling()} and of type {storage.Type.Spelling()}");
        _refusals.Require(
            storage.Elements == elements,
            $"the storage '{storage.Name}' is said to have {elements} elements of type {type.Spelling()}, but its entry holds {storage.Elements}");
        return storage;
    }

    private static void RequireNoProgram(string entry, Refusals refusals)
    {
        var name = WithoutFolder(entry);
        refusals.Require(
            !(name.SequenceEqual("constants.pkl") || name.StartsWith("code/")),
            $"the entry '{entry}' shows that this is a TorchScript archive, a program",
            "Save its tensors alone, in Python: import torch; torch.save(torch.jit.load('FILE', map_location='cpu').state_dict(), 'weights.pth')");
    }

    /// <summary>A name without its first folder, or nothing where it has none.</summary>
    private static ReadOnlySpan<char> WithoutFolder(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? [] : name.AsSpan(slash + 1);
    }

    private void RequireLittleEndian()
    {
        if (!_directory.TryGet($"{_folder}byteorder", out var entry))
        {
            return; // written since PyTorch 2.1
        }

        entry.RequireIntact(_file, _refusals);
        var order = _file.Bytes(entry.Offset, (int)Math.Min(entry.Length, 16));
        _refusals.Require(
            order.SequenceEqual("little"u8),
            $"the entry '{entry.Name}' says that the byte order is '{System.Text.Encoding.UTF8.GetString(order)}'; only little-endian files are read",
            "Load it with PyTorch and save the tensors as safetensors, which are always little-endian");
    }
}
