using System.Text;

namespace LiteVae.Tests.Formats;

public sealed class SafetensorsMutationTests
{
    private const string Header =
        """{"__metadata__":{"note":"v\u00e4lue"},"a.weight":{"dtype":"F32","shape":[2,1,3],"data_offsets":[0,24]},"b":{"dtype":"I8","shape":[],"data_offsets":[24,25]},"c":{"dtype":"BF16","shape":[0,4],"data_offsets":[25,25]}}""";

    private static readonly byte[][] Words =
        [.. new[] { "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\ud800", "null", "true", "1e400", "-1", "0", "9223372036854775807", "18446744073709551616", "\"F64\"", "\"shape\"", "\"dtype\"", "\"data_offsets\"", "\"__metadata__\"", "\"a.weight\"", " ", "\u00a0" }
            .Select(Encoding.UTF8.GetBytes)];

    [Fact]
    public void A_mutated_file_is_read_or_refused_and_nothing_else()
    {
        var data = Enumerable.Range(0, 25).Select(i => (byte)(i * 37)).ToArray();
        var files = new FileMutations(PlainSafetensors.File(Header, data), Words);
        var headers = new FileMutations(Encoding.UTF8.GetBytes(Header), Words);

        // Two of three are of the header alone, with the length in front put right; one of those in ASCII, so that it is UTF-8.
        MutationRun.Check(
            "safetensors",
            index => (index % 3) switch
            {
                0 => files.At(index / 3),
                1 => PlainSafetensors.File(headers.At(index), data),
                _ => PlainSafetensors.File([.. headers.At(index).Select(b => (byte)(b & 0x7F))], data),
            },
            ReadAll);
    }

    /// <summary>Opens a file and reads every tensor; allocates nothing of its own, since memory is measured around it.</summary>
    internal static void ReadAll(string path)
    {
        using var reader = SafetensorsReader.Open(path);
        for (var i = 0; i < reader.Entries.Count; i++)
        {
            var entry = reader.Entries[i];
            var bytes = (long)entry.Type.Size();
            for (var axis = 0; axis < entry.Shape.Count; axis++)
            {
                bytes *= entry.Shape[axis];
            }

            if (reader.GetBytes(entry).Length != bytes || (entry.Type.IsFloat() && reader.ReadFloats(entry.Name).Length * entry.Type.Size() != bytes))
            {
                Assert.Fail($"'{entry.Name}' does not give the {bytes} bytes of its shape.");
            }
        }
    }
}
