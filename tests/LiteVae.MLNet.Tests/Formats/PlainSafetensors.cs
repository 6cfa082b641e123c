using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace LiteVae.Tests.Formats;

/// <summary>The oracle: safetensors read and written by the letter of its definition, with no checks and none of our code.</summary>
internal static class PlainSafetensors
{
    /// <summary>A file from a header text and data.</summary>
    public static byte[] File(string header, params byte[] data) => File(Encoding.UTF8.GetBytes(header), data);

    /// <summary>A file from the bytes of a header and data.</summary>
    public static byte[] File(byte[] json, byte[] data)
    {
        var file = new byte[8 + json.Length + data.Length];
        BinaryPrimitives.WriteInt64LittleEndian(file, json.Length);
        json.CopyTo(file, 8);
        data.CopyTo(file, 8 + json.Length);
        return file;
    }

    /// <summary>All tensors of a file, in the order of the header.</summary>
    public static List<(string Name, string Type, long[] Shape, byte[] Data)> Tensors(byte[] file)
    {
        var headerLength = (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        using var header = JsonDocument.Parse(file.AsMemory(8, headerLength));
        var tensors = new List<(string, string, long[], byte[])>();
        foreach (var member in header.RootElement.EnumerateObject().Where(member => member.Name != "__metadata__"))
        {
            var offsets = member.Value.GetProperty("data_offsets").EnumerateArray().Select(value => value.GetInt32()).ToArray();
            var shape = member.Value.GetProperty("shape").EnumerateArray().Select(value => value.GetInt64()).ToArray();
            var start = 8 + headerLength;
            tensors.Add((member.Name, member.Value.GetProperty("dtype").GetString()!, shape, file[(start + offsets[0])..(start + offsets[1])]));
        }

        return tensors;
    }

    /// <summary>The notes of a file.</summary>
    public static Dictionary<string, string> Metadata(byte[] file)
    {
        using var header = JsonDocument.Parse(file.AsMemory(8, (int)BinaryPrimitives.ReadInt64LittleEndian(file)));
        return header.RootElement.TryGetProperty("__metadata__", out var notes)
            ? notes.EnumerateObject().ToDictionary(note => note.Name, note => note.Value.GetString()!)
            : [];
    }
}
