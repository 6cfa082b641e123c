using System.Diagnostics.CodeAnalysis;

namespace LiteVae;

/// <summary>Reads a safetensors file through a memory map: opening costs the header only.</summary>
/// <remarks>
/// The whole header is checked before anything else is read or allocated: at most 100 MB and 100,000 tensors and notes, unique names of at
/// most 4,096 bytes, notes of at most 10 MB, shapes that fit their bytes, offsets that cover the file without overlap or hole. A single tensor
/// may have at most 2 GB. Whatever stands in the file, opening it allocates at most twice its size and 64 MB. Safe for reading from several
/// threads; spans from <see cref="GetBytes(SafetensorsEntry)"/> must not be used after <see cref="Dispose"/>. The file must not be shortened while it is open.
/// </remarks>
public sealed class SafetensorsReader : IDisposable
{
    private readonly MappedFile _file;
    private readonly SafetensorsHeader _header;

    private SafetensorsReader(MappedFile file, SafetensorsHeader header)
    {
        _file = file;
        _header = header;
    }

    /// <summary>The file's notes, its <c>__metadata__</c>; empty where it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>The tensors, in the order of their data in the file.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries => _header.Entries;

    /// <summary>Opens a file and checks its header.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file breaks a rule of the format; the message says which, and where.</exception>
    public static SafetensorsReader Open(string path)
    {
        var file = MappedFile.Open(path);
        try
        {
            return new SafetensorsReader(file, SafetensorsHeader.Read(file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Looks up a tensor.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="entry">The tensor, or null where the file has none of that name.</param>
    public bool TryGetEntry(string name, [MaybeNullWhen(false)] out SafetensorsEntry entry) => _header.ByName.TryGetValue(name, out entry);

    /// <summary>A tensor's bytes as they stand in the file, little-endian, without a copy; valid until <see cref="Dispose"/>.</summary>
    /// <param name="entry">One of <see cref="Entries"/>.</param>
    /// <exception cref="ArgumentException">The entry is not of this file.</exception>
    /// <exception cref="InvalidDataException">The tensor has more than 2 GB.</exception>
    public ReadOnlySpan<byte> GetBytes(SafetensorsEntry entry)
    {
        RequireOwn(entry);
        return entry.Length <= int.MaxValue
            ? _file.Bytes(entry.Offset, (int)entry.Length)
            : throw new InvalidDataException($"{_file.Path}: tensor '{FaultText.Printable(entry.Name)}' has {entry.Length} bytes; tensors over 2 GB are not supported.");
    }

    /// <summary>Some of a tensor's bytes, of a tensor of any size; valid until <see cref="Dispose"/>.</summary>
    /// <param name="entry">One of <see cref="Entries"/>.</param>
    /// <param name="start">The first, counted from the tensor's begin.</param>
    /// <param name="length">How many.</param>
    /// <exception cref="ArgumentException">The entry is not of this file, or the bytes are not all in it.</exception>
    internal ReadOnlySpan<byte> GetSlice(SafetensorsEntry entry, long start, int length)
    {
        RequireOwn(entry);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, entry.Length - length);
        return _file.Bytes(entry.Offset + start, length);
    }

    /// <summary>A tensor's values as floats; F16 and BF16 widen exactly, F64 rounds to nearest.</summary>
    /// <param name="name">The tensor.</param>
    /// <returns>Its values, row-major.</returns>
    /// <exception cref="InvalidDataException">The file has no such tensor, or its elements are not floats.</exception>
    public float[] ReadFloats(string name)
    {
        if (!TryGetEntry(name, out var entry))
        {
            throw new InvalidDataException($"{_file.Path}: {TensorNames.Missing(name, [.. Entries.Select(other => other.Name)])}");
        }

        if (!entry.Type.IsFloat())
        {
            throw new InvalidDataException($"{_file.Path}: {FloatElements.Needed(name, entry.Type)}.");
        }

        var bytes = GetBytes(entry);
        var values = new float[bytes.Length / entry.Type.Size()];
        FloatElements.Read(bytes, entry.Type, stride: 1, values);
        return values;
    }

    /// <summary>Unmaps the file.</summary>
    public void Dispose() => _file.Dispose();

    private void RequireOwn(SafetensorsEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (!TryGetEntry(entry.Name, out var own) || !ReferenceEquals(own, entry))
        {
            throw new ArgumentException($"The entry '{entry.Name}' is not one of {_file.Path}: take it from this reader.", nameof(entry));
        }
    }
}
