using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.MemoryMappedFiles;

namespace LiteVae;

/// <summary>Reads a safetensors file through a memory map: opening costs the header only.</summary>
/// <remarks>
/// The whole header is checked before anything else is read or allocated: at most 100 MB and 100,000 tensors, unique names, shapes that fit
/// their bytes, offsets that cover the file without overlap or hole. A single tensor may have at most 2 GB. Safe for reading from several
/// threads; spans from <see cref="GetBytes"/> must not be used after <see cref="Dispose"/>. The file must not be shortened while it is open.
/// </remarks>
public sealed class SafetensorsReader : IDisposable
{
    private readonly string _path;
    private readonly SafetensorsHeader _header;
    private readonly Dictionary<string, SafetensorsEntry> _byName;
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private bool _disposed;

    private SafetensorsReader(string path, SafetensorsHeader header, MemoryMappedFile map)
    {
        _path = path;
        _header = header;
        _byName = header.Entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
        _map = map;
        _view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
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
        ArgumentException.ThrowIfNullOrEmpty(path);
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            var header = SafetensorsHeader.Read(stream, path);
            var map = MemoryMappedFile.CreateFromFile(stream, mapName: null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            return new SafetensorsReader(path, header, map);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Looks up a tensor.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="entry">The tensor, or null where the file has none of that name.</param>
    public bool TryGetEntry(string name, [MaybeNullWhen(false)] out SafetensorsEntry entry) => _byName.TryGetValue(name, out entry);

    /// <summary>A tensor's bytes as they stand in the file, little-endian, without a copy; valid until <see cref="Dispose"/>.</summary>
    /// <param name="entry">One of <see cref="Entries"/>.</param>
    /// <exception cref="ArgumentException">The entry is not of this file.</exception>
    /// <exception cref="InvalidDataException">The tensor has more than 2 GB.</exception>
    public unsafe ReadOnlySpan<byte> GetBytes(SafetensorsEntry entry)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(entry);
        if (!_byName.TryGetValue(entry.Name, out var own) || !ReferenceEquals(own, entry))
        {
            throw new ArgumentException($"The entry '{entry.Name}' is not one of {_path}: take it from this reader.", nameof(entry));
        }

        if (entry.Length > int.MaxValue)
        {
            throw new InvalidDataException($"{_path}: tensor '{entry.Name}' has {entry.Length} bytes; tensors over 2 GB are not supported.");
        }

        // The pointer stays valid after ReleasePointer: the view keeps the mapping until it is disposed.
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        return new ReadOnlySpan<byte>(start + _view.PointerOffset + entry.Offset, (int)entry.Length);
    }

    /// <summary>A tensor's values as floats; F16 and BF16 widen exactly, F64 rounds to nearest.</summary>
    /// <param name="name">The tensor.</param>
    /// <returns>Its values, row-major.</returns>
    /// <exception cref="InvalidDataException">The file has no such tensor, or its elements are not floats.</exception>
    public float[] ReadFloats(string name)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!TryGetEntry(name, out var entry))
        {
            throw new InvalidDataException($"{_path}: there is no tensor '{name}' among its {Entries.Count}; {NearestNames(name)}");
        }

        var bytes = GetBytes(entry);
        var values = new float[bytes.Length / entry.Type.Size()];
        switch (entry.Type)
        {
            case SafetensorsType.F32:
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]);
                }

                break;
            case SafetensorsType.F16:
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..]);
                }

                break;
            case SafetensorsType.BF16:
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]) << 16);
                }

                break;
            case SafetensorsType.F64:
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * i)..]);
                }

                break;
            default:
                throw new InvalidDataException($"{_path}: tensor '{name}' has elements of type {entry.Type.Spelling()}; floats (F32, F16, BF16, F64) are needed here.");
        }

        return values;
    }

    /// <summary>Unmaps the file.</summary>
    public void Dispose()
    {
        _disposed = true;
        _view.Dispose();
        _map.Dispose();
    }

    /// <summary>What a message about a missing tensor offers instead.</summary>
    private string NearestNames(string name)
    {
        var lastPart = name[(name.LastIndexOf('.') + 1)..];
        var byLikeness = Entries.Select(entry => entry.Name).OrderByDescending(other => other.EndsWith(lastPart, StringComparison.Ordinal));
        return Entries.Count == 0 ? "the file is empty." : $"it has, for example, '{string.Join("', '", byLikeness.Take(3))}'.";
    }
}
