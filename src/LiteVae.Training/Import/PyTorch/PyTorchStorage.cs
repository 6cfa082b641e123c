namespace LiteVae.Training;

/// <summary>Elements side by side, which tensors are views of: one entry of the archive.</summary>
/// <param name="file">The file.</param>
/// <param name="entry">The entry.</param>
/// <param name="type">Type of the elements.</param>
/// <param name="refusals">Refuses.</param>
internal sealed class PyTorchStorage(MappedFile file, ZipEntry entry, SafetensorsType type, Refusals refusals)
{
    public string Name => entry.Name;

    public SafetensorsType Type => type;

    /// <summary>How many elements there are.</summary>
    public long Elements => entry.Length / type.Size();

    /// <summary>Bytes of some of the elements; all are checked against their checksum before the first are given out.</summary>
    /// <param name="first">The first.</param>
    /// <param name="count">How many; at most 2 GB.</param>
    /// <exception cref="InvalidDataException">The checksum is not theirs.</exception>
    public ReadOnlySpan<byte> Bytes(long first, long count)
    {
        entry.RequireIntact(file, refusals);
        return file.Bytes(entry.Offset + (first * type.Size()), checked((int)(count * type.Size())));
    }
}
