using System.Buffers.Binary;
using System.Text.Json;

namespace LiteVae;

/// <summary>Writes safetensors files. The same tensors and notes give the same bytes.</summary>
public static class SafetensorsWriter
{
    /// <summary>Writes a file; it appears complete or not at all.</summary>
    /// <param name="path">The file; one that is there is replaced, its folder is created where missing.</param>
    /// <param name="tensors">The tensors, written in this order; at most 2 GB each, at most 100,000 with the notes counted in.</param>
    /// <param name="metadata">Notes to keep in the header, written sorted by key, or null for none.</param>
    /// <exception cref="ArgumentException">A tensor's data do not fit its shape, two have the same name, there are too many, or a name or note is too long to be read back.</exception>
    public static void Write(string path, IReadOnlyList<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        foreach (var tensor in tensors)
        {
            tensor.Validate();
        }

        List<StreamedTensor> streamed = [.. tensors.Select(tensor => new StreamedTensor(tensor.Name, tensor.Type, tensor.Shape, stream => stream.Write(tensor.Data.Span)))];
        var header = Header(streamed, metadata);
        AtomicFile.Write(path, stream => Write(stream, header, streamed));
    }

    /// <summary>Writes tensors of any size, whose elements need not be in memory.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="tensors">The tensors, written in this order.</param>
    /// <param name="metadata">Notes to keep in the header, written sorted by key.</param>
    internal static void Write(Stream stream, IReadOnlyList<StreamedTensor> tensors, IReadOnlyDictionary<string, string> metadata) => Write(stream, Header(tensors, metadata), tensors);

    private static void Write(Stream stream, byte[] header, IReadOnlyList<StreamedTensor> tensors)
    {
        Span<byte> length = stackalloc byte[SafetensorsHeader.PrefixBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (var tensor in tensors)
        {
            tensor.Write(stream);
        }
    }

    /// <summary>The JSON header, padded with spaces so that the data begin at a multiple of eight bytes.</summary>
    private static byte[] Header(IReadOnlyList<StreamedTensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var count = tensors.Count + (metadata?.Count ?? 0);
        if (count > SafetensorsHeader.MaxEntries)
        {
            throw new ArgumentException($"{count} tensors and notes are too many for one file; at most {SafetensorsHeader.MaxEntries} are allowed.", nameof(tensors));
        }

        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(SafetensorsHeader.MetadataKey);
                foreach (var (key, value) in metadata.OrderBy(note => note.Key, StringComparer.Ordinal))
                {
                    json.WriteString(Encoded(key, TensorNames.MaxBytes), Encoded(value, SafetensorsHeader.MaxNoteBytes));
                }

                json.WriteEndObject();
            }

            WriteEntries(json, tensors);
            json.WriteEndObject();
        }

        var padding = -buffer.Length & 7;
        buffer.Write("       "u8[..(int)padding]);
        return buffer.Length <= SafetensorsHeader.MaxBytes
            ? buffer.ToArray()
            : throw new ArgumentException($"The header would have {buffer.Length} bytes; at most {SafetensorsHeader.MaxBytes} are allowed. Shorten the names or the notes.");
    }

    private static void WriteEntries(Utf8JsonWriter json, IReadOnlyList<StreamedTensor> tensors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var offset = 0L;
        foreach (var tensor in tensors)
        {
            if (!names.Add(tensor.Name))
            {
                throw new ArgumentException($"Two tensors are called '{tensor.Name}': names must be unique.", nameof(tensors));
            }

            json.WriteStartObject(Encoded(tensor.Name, TensorNames.MaxBytes));
            json.WriteString("dtype", tensor.Type.Spelling());
            json.WriteStartArray("shape");
            foreach (var dimension in tensor.Shape)
            {
                json.WriteNumberValue(dimension);
            }

            json.WriteEndArray();
            json.WriteStartArray("data_offsets");
            json.WriteNumberValue(offset);
            json.WriteNumberValue(offset += SafetensorsHeader.ByteLength(tensor.Shape, tensor.Type)!.Value);
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    /// <summary>A text as JSON spells it, if the reader will take it.</summary>
    private static JsonEncodedText Encoded(string text, int most)
    {
        var encoded = JsonEncodedText.Encode(text);
        var bytes = encoded.EncodedUtf8Bytes.Length;
        return bytes <= most
            ? encoded
            : throw new ArgumentException($"The name or note '{FaultText.Printable(text)}' takes {bytes} bytes in the header; at most {most} are allowed. Shorten it.");
    }
}
