using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace LiteVae;

/// <summary>The header of a safetensors file, wholly checked: names, types, shapes, and offsets that cover the data without overlap or hole.</summary>
/// <remarks>The format: 8 bytes little-endian header length, the header as JSON, the data. Offsets in the JSON count from the start of the data.</remarks>
internal sealed class SafetensorsHeader
{
    /// <summary>Greatest header, the limit of the format's own implementation.</summary>
    public const int MaxBytes = 100_000_000;

    /// <summary>Most tensors in a file.</summary>
    public const int MaxEntries = 100_000;

    /// <summary>Most dimensions of a tensor.</summary>
    public const int MaxRank = 64;

    /// <summary>The key that holds a map of strings where all others hold a tensor.</summary>
    public const string MetadataKey = "__metadata__";

    /// <summary>Bytes of the length in front of the header.</summary>
    public const int PrefixBytes = 8;

    private readonly string _source;
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<SafetensorsEntry> _entries = [];

    private SafetensorsHeader(string source) => _source = source;

    /// <summary>The file's own notes.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>The tensors in the order of their data.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries => _entries;

    /// <summary>Reads and checks the header of a stream that stands at its start; allocates no more than the header's own size asks for.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="source">Its name, for error messages.</param>
    /// <exception cref="InvalidDataException">Any rule of the format is broken.</exception>
    public static SafetensorsHeader Read(Stream stream, string source)
    {
        var header = new SafetensorsHeader(source);
        var fileLength = stream.Length;
        if (fileLength < PrefixBytes)
        {
            throw header.Broken($"the file has {fileLength} bytes, fewer than the {PrefixBytes} of the header's length; it is empty, truncated or no safetensors file.");
        }

        Span<byte> prefix = stackalloc byte[PrefixBytes];
        header.ReadExactly(stream, prefix);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaxBytes)
        {
            throw header.Broken($"the header claims {length} bytes; at most {MaxBytes} are allowed. This may be no safetensors file.");
        }

        if (length > (ulong)(fileLength - PrefixBytes))
        {
            throw header.Broken($"the header claims {length} bytes but only {fileLength - PrefixBytes} follow; the file is truncated or no safetensors file.");
        }

        var json = new byte[(int)length];
        header.ReadExactly(stream, json);
        header.Parse(json, PrefixBytes + (long)length);
        header.CheckLayout(PrefixBytes + (long)length, fileLength);
        return header;
    }

    /// <summary>Bytes of a tensor, or null where a dimension is negative or the product overflows.</summary>
    public static long? ByteLength(IReadOnlyList<long> shape, SafetensorsType type)
    {
        long length = type.Size();
        foreach (var dimension in shape)
        {
            if (dimension < 0 || (dimension != 0 && length > long.MaxValue / dimension))
            {
                return null;
            }

            length *= dimension;
        }

        return length;
    }

    private void ReadExactly(Stream stream, Span<byte> buffer)
    {
        if (stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) < buffer.Length)
        {
            throw Broken("the file became shorter while it was read.");
        }
    }

    private void Parse(byte[] json, long dataStart)
    {
        if (json.Length == 0 || json[0] != (byte)'{')
        {
            throw Broken("the header does not start with '{'; this is no safetensors file.");
        }

        try
        {
            var reader = new Utf8JsonReader(json);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                if (!_names.Add(name))
                {
                    throw Broken($"the name '{name}' appears twice.");
                }

                reader.Read();
                if (name == MetadataKey)
                {
                    ParseMetadata(ref reader);
                }
                else
                {
                    _entries.Add(ParseEntry(ref reader, name, dataStart));
                }

                if (_entries.Count > MaxEntries)
                {
                    throw Broken($"the header lists more than {MaxEntries} tensors.");
                }
            }

            while (reader.Read())
            {
                // Reads to the end, so that anything but white space after the object is found.
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{_source}: broken safetensors file: the header is not valid JSON of the format: {e.Message}", e);
        }
    }

    private void ParseMetadata(ref Utf8JsonReader reader)
    {
        Expect(reader.TokenType == JsonTokenType.StartObject, MetadataKey, "must be an object of strings");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            Expect(reader.TokenType == JsonTokenType.String, MetadataKey, $"holds '{key}', which is not a string");
            Expect(_metadata.TryAdd(key, reader.GetString()!), MetadataKey, $"holds '{key}' twice");
        }
    }

    private SafetensorsEntry ParseEntry(ref Utf8JsonReader reader, string name, long dataStart)
    {
        Expect(reader.TokenType == JsonTokenType.StartObject, name, "must be an object with dtype, shape and data_offsets");
        SafetensorsType? type = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString();
            reader.Read();
            switch (key)
            {
                case "dtype":
                    Expect(type is null, name, "has dtype twice");
                    var spelling = reader.GetString();
                    type = SafetensorsTypes.FromSpelling(spelling);
                    Expect(type is not null, name, $"has the element type '{spelling}', which this library does not read");
                    break;
                case "shape":
                    Expect(shape is null, name, "has shape twice");
                    shape = ParseIntegers(ref reader, name, "shape", MaxRank);
                    break;
                case "data_offsets":
                    Expect(offsets is null, name, "has data_offsets twice");
                    offsets = ParseIntegers(ref reader, name, "data_offsets", 2);
                    break;
                default:
                    throw Broken($"'{name}' has an unknown member '{key}'.");
            }
        }

        Expect(type is not null && shape is not null && offsets is { Count: 2 }, name, "must have dtype, shape and two data_offsets");
        var (begin, end) = (offsets![0], offsets[1]);
        Expect(begin <= end, name, $"ends at {end}, before its begin at {begin}");
        Expect(end <= long.MaxValue - dataStart, name, $"ends at {end}, beyond any file");
        var length = ByteLength(shape!, type!.Value);
        Expect(
            length == end - begin,
            name,
            $"of shape [{string.Join(", ", shape!)}] and type {type.Value.Spelling()} needs {length?.ToString() ?? "more than 2^63"} bytes, but its offsets hold {end - begin}");
        return new SafetensorsEntry(name, type.Value, shape!, dataStart + begin, end - begin);
    }

    private List<long> ParseIntegers(ref Utf8JsonReader reader, string name, string member, int most)
    {
        Expect(reader.TokenType == JsonTokenType.StartArray, name, $"has a {member} that is not a list");
        var values = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var value = -1L;
            var isInteger = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out value);
            Expect(isInteger && value >= 0, name, $"has a {member} with an entry that is not a whole number from 0 to 2^63 - 1");
            Expect(values.Count < most, name, $"has a {member} of more than {most} entries");
            values.Add(value);
        }

        return values;
    }

    private void CheckLayout(long dataStart, long fileLength)
    {
        _entries.Sort((a, b) => (a.Offset, a.Length).CompareTo((b.Offset, b.Length)));
        var position = dataStart;
        foreach (var entry in _entries)
        {
            Expect(entry.Offset >= position, entry.Name, $"begins at byte {entry.Offset}, inside the tensor before it, which ends at {position}");
            Expect(entry.Offset <= position, entry.Name, $"begins at byte {entry.Offset}, {entry.Offset - position} bytes after the end of what stands before it: a hole");
            position = entry.Offset + entry.Length;
            Expect(position <= fileLength, entry.Name, $"ends at byte {position}, but the file has {fileLength} bytes: it is truncated");
        }

        if (position != fileLength)
        {
            throw Broken($"the tensors end at byte {position}, but the file has {fileLength} bytes.");
        }
    }

    private void Expect([DoesNotReturnIf(false)] bool condition, string name, string otherwise)
    {
        if (!condition)
        {
            throw Broken($"'{name}' {otherwise}.");
        }
    }

    private InvalidDataException Broken(string fault) => new($"{_source}: broken safetensors file: {fault}");
}
