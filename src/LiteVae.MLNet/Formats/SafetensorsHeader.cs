using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace LiteVae;

/// <summary>The header of a safetensors file, wholly checked: names, types, shapes, and offsets that cover the data without overlap or hole.</summary>
/// <remarks>
/// The format: 8 bytes little-endian header length, the header as JSON, the data. Offsets in the JSON count from the start of the data.
/// Whatever stands in the file, reading its header allocates at most twice the file's size and 64 MB.
/// </remarks>
internal sealed class SafetensorsHeader
{
    /// <summary>Greatest header, the limit of the format's own implementation.</summary>
    public const int MaxBytes = 100_000_000;

    /// <summary>Most tensors in a file, its notes counted in.</summary>
    public const int MaxEntries = 100_000;

    /// <summary>Longest note, in bytes of the header.</summary>
    public const int MaxNoteBytes = 10_000_000;

    /// <summary>Most dimensions of a tensor.</summary>
    public const int MaxRank = 64;

    /// <summary>The key that holds a map of strings where all others hold a tensor.</summary>
    public const string MetadataKey = "__metadata__";

    /// <summary>Bytes of the length in front of the header.</summary>
    public const int PrefixBytes = 8;

    /// <summary>Bytes of the shortest entry there can be.</summary>
    private const int MinEntryBytes = 50;

    private readonly string _source;
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SafetensorsEntry> _byName;
    private readonly List<SafetensorsEntry> _entries;
    private bool _hasMetadata;

    private SafetensorsHeader(string source, int length)
    {
        // Made as large as they can get, they do not grow: growing costs twice the memory.
        var most = Math.Min(length / MinEntryBytes, MaxEntries);
        _source = source;
        _byName = new(most, StringComparer.Ordinal);
        _entries = new(most);
    }

    /// <summary>The file's own notes.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>The tensors in the order of their data.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries => _entries;

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> ByName => _byName;

    /// <summary>Reads and checks the header of a file, in place.</summary>
    /// <exception cref="InvalidDataException">Any rule of the format is broken.</exception>
    public static SafetensorsHeader Read(MappedFile file)
    {
        if (file.Length < PrefixBytes)
        {
            throw Broken(file.Path, $"the file has {file.Length} bytes, fewer than the {PrefixBytes} of the header's length; it is empty, truncated or no safetensors file.");
        }

        var length = BinaryPrimitives.ReadUInt64LittleEndian(file.Bytes(0, PrefixBytes));
        if (length > MaxBytes)
        {
            throw Broken(file.Path, $"the header claims {length} bytes; at most {MaxBytes} are allowed. This may be no safetensors file.");
        }

        if (length > (ulong)(file.Length - PrefixBytes))
        {
            throw Broken(file.Path, $"the header claims {length} bytes but only {file.Length - PrefixBytes} follow; the file is truncated or no safetensors file.");
        }

        var header = new SafetensorsHeader(file.Path, (int)length);
        var dataStart = PrefixBytes + (long)length;
        header.Parse(file.Bytes(PrefixBytes, (int)length), dataStart);
        header.CheckLayout(dataStart, file.Length);
        return header;
    }

    /// <summary>Bytes of a tensor, or null where a dimension is negative or the product overflows.</summary>
    public static long? ByteLength(IReadOnlyList<long> shape, SafetensorsType type)
    {
        long length = type.Size();
        for (var i = 0; i < shape.Count; i++)
        {
            var dimension = shape[i];
            if (dimension < 0 || (dimension != 0 && length > long.MaxValue / dimension))
            {
                return null;
            }

            length *= dimension;
        }

        return length;
    }

    private void Parse(ReadOnlySpan<byte> json, long dataStart)
    {
        if (json is not [(byte)'{', ..])
        {
            throw Broken("the header does not start with '{'; this is no safetensors file.");
        }

        if (!Utf8.IsValid(json))
        {
            throw Broken($"the header is not valid UTF-8 at byte {PrefixBytes + FirstInvalid(json)} of the file.");
        }

        try
        {
            var reader = new Utf8JsonReader(json);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = Text(ref reader, TensorNames.MaxBytes, "a name");
                var isNew = name == MetadataKey ? !_hasMetadata : !_byName.ContainsKey(name);
                if (!isNew)
                {
                    throw Broken($"the name '{FaultText.Printable(name)}' appears twice.");
                }

                reader.Read();
                if (name == MetadataKey)
                {
                    _hasMetadata = true;
                    ParseMetadata(ref reader);
                }
                else
                {
                    var entry = ParseEntry(ref reader, name, dataStart);
                    _byName.Add(name, entry);
                    _entries.Add(entry);
                    CheckCount();
                }
            }

            while (reader.Read())
            {
                // Reads to the end, so that anything but white space after the object is found.
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{_source}: broken safetensors file: the header is not valid JSON of the format: {FaultText.Printable(e.Message)}", e);
        }
    }

    private void ParseMetadata(ref Utf8JsonReader reader)
    {
        Expect(reader.TokenType == JsonTokenType.StartObject, MetadataKey, $"must be an object of strings");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = Text(ref reader, TensorNames.MaxBytes, "a key of __metadata__");
            reader.Read();
            Expect(reader.TokenType == JsonTokenType.String, MetadataKey, $"holds '{key}', which is not a string");
            Expect(_metadata.TryAdd(key, Text(ref reader, MaxNoteBytes, "a value of __metadata__")), MetadataKey, $"holds '{key}' twice");
            CheckCount();
        }
    }

    private SafetensorsEntry ParseEntry(ref Utf8JsonReader reader, string name, long dataStart)
    {
        Expect(reader.TokenType == JsonTokenType.StartObject, name, $"must be an object with dtype, shape and data_offsets");
        SafetensorsType? type = null;
        long[]? shape = null;
        long[]? offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("dtype"u8))
            {
                Expect(type is null, name, $"has dtype twice");
                type = ParseType(ref reader, name);
            }
            else if (reader.ValueTextEquals("shape"u8))
            {
                Expect(shape is null, name, $"has shape twice");
                shape = ParseIntegers(ref reader, name, "shape", MaxRank);
            }
            else if (reader.ValueTextEquals("data_offsets"u8))
            {
                Expect(offsets is null, name, $"has data_offsets twice");
                offsets = ParseIntegers(ref reader, name, "data_offsets", 2);
            }
            else
            {
                throw Broken($"'{FaultText.Printable(name)}' has an unknown member '{FaultText.Printable(Text(ref reader, TensorNames.MaxBytes, "a member's name"))}'.");
            }
        }

        Expect(type is not null && shape is not null && offsets is { Length: 2 }, name, $"must have dtype, shape and two data_offsets");
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

    private SafetensorsType ParseType(ref Utf8JsonReader reader, string name)
    {
        reader.Read();
        var spelling = Text(ref reader, TensorNames.MaxBytes, "a dtype");
        var type = SafetensorsTypes.FromSpelling(spelling);
        Expect(type is not null, name, $"has the element type '{spelling}', which this library does not read");
        return type.Value;
    }

    private long[] ParseIntegers(ref Utf8JsonReader reader, string name, string member, int most)
    {
        reader.Read();
        Expect(reader.TokenType == JsonTokenType.StartArray, name, $"has a {member} that is not a list");
        Span<long> values = stackalloc long[MaxRank];
        var count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var value = ulong.MaxValue;
            var isInteger = reader.TokenType == JsonTokenType.Number && reader.TryGetUInt64(out value);
            Expect(isInteger && value <= long.MaxValue, name, $"has a {member} with an entry that is not a whole number from 0 to 2^63 - 1");
            Expect(count < most, name, $"has a {member} of more than {most} entries");
            values[count++] = (long)value;
        }

        return values[..count].ToArray();
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

    /// <summary>A text that is not too long to be made a string of.</summary>
    private string Text(ref Utf8JsonReader reader, int most, string what)
    {
        var bytes = reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName ? reader.ValueSpan.Length : 0;
        return bytes <= most
            ? reader.GetString()!
            : throw Broken($"{what} takes {bytes} bytes; at most {most} are allowed. It begins with '{FaultText.Printable(Encoding.UTF8.GetString(reader.ValueSpan[..32]))}'.");
    }

    private void CheckCount()
    {
        if (_entries.Count + _metadata.Count > MaxEntries)
        {
            throw Broken($"the header lists more than {MaxEntries} tensors and notes.");
        }
    }

    private static int FirstInvalid(ReadOnlySpan<byte> text)
    {
        var position = 0;
        while (Rune.DecodeFromUtf8(text[position..], out _, out var length) == System.Buffers.OperationStatus.Done)
        {
            position += length;
        }

        return position;
    }

    private void Expect(
        [DoesNotReturnIf(false)] bool condition,
        string name,
        [InterpolatedStringHandlerArgument(nameof(condition))] FaultText otherwise)
    {
        if (!condition)
        {
            throw Broken($"'{FaultText.Printable(name)}' {otherwise.ToString()}.");
        }
    }

    private InvalidDataException Broken(string fault) => Broken(_source, fault);

    private static InvalidDataException Broken(string source, string fault) => new($"{source}: broken safetensors file: {fault}");
}
