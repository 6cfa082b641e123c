namespace LiteVae.Training;

/// <summary>Opens files of tensors, whatever they are called: their first bytes tell their format.</summary>
internal static class WeightFile
{
    private const int TarSignatureAt = 257;

    /// <summary>Formats that are not read: what marks them, and the way out.</summary>
    private static readonly (byte[] Mark, int At, string What)[] Others =
    [
        ([.. "HDF\r\n"u8], 1, "an HDF5 file, as Keras writes; only weights of PyTorch and safetensors are read"),
        ([.. "GGUF"u8], 0, "a GGUF file; its weights may be quantised. Get them as safetensors"),
        ([.. "NUMPY"u8], 1, "a NumPy array; weights need names. Write them as safetensors"),
        ([0x1F, 0x8B], 0, "compressed with gzip; unpack it first"),
        ([.. "version https://git-lfs"u8], 0, "a pointer of Git LFS, not the file itself; get that with 'git lfs pull'"),
        ([.. "<"u8], 0, "a web page or XML, not weights; download the file itself"),
        ([.. "ustar"u8], TarSignatureAt, "a tar file, as torch.save wrote before PyTorch 0.2; load and save it again with a PyTorch since 1.6"),
        ([0x08], 0, "an ONNX model; it is a graph, of which no weights are imported: name the weights that it was made of"),
    ];

    /// <summary>Opens a file. The caller disposes it.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is broken, or of a format that is not read.</exception>
    public static IWeightFile Open(string path)
    {
        var length = RegularFile.NonEmptyLength(path);
        Span<byte> start = stackalloc byte[TarSignatureAt + 8];
        using (var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0))
        {
            start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        }

        // A header of safetensors begins at the ninth byte; in front of it stands its length, which may look like anything.
        if (start is [_, _, _, _, _, _, _, _, (byte)'{', ..])
        {
            return new SafetensorsWeights(path, length, SafetensorsReader.Open(path));
        }

        return start switch
        {
            [(byte)'P', (byte)'K', ..] => PyTorchFile.Open(path),
            [0x80, <= 5, ..] => throw Seems(path, $"a bare pickle, as torch.save wrote before PyTorch 1.6. {Refusals.SaveTensorsAlone}"),
            _ => Other(start) is { } what ? throw Seems(path, what) : new SafetensorsWeights(path, length, SafetensorsReader.Open(path)),
        };
    }

    private static string? Other(ReadOnlySpan<byte> start)
    {
        foreach (var (mark, at, what) in Others)
        {
            if (start.Length >= at && start[at..].StartsWith(mark))
            {
                return what;
            }
        }

        return null;
    }

    private static InvalidDataException Seems(string path, string what) => new($"{path}: this seems to be {what}.");

    private sealed class SafetensorsWeights(string path, long length, SafetensorsReader reader) : IWeightFile
    {
        public string Path => path;

        public long Length => length;

        public IReadOnlyDictionary<string, string> Metadata => reader.Metadata;

        public IReadOnlyList<WeightEntry> Entries { get; } = [.. reader.Entries.Select(entry => new WeightEntry(entry.Name, entry.Type, entry.Shape))];

        public float[] ReadFloats(string name) => reader.ReadFloats(name);

        public void Dispose() => reader.Dispose();
    }
}
