using System.Text;
using LiteVae.Tests;

namespace LiteVae.Training.Tests.Import;

public sealed class WeightFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("\u0089HDF\r\n\u001a\n", "an HDF5 file")]
    [InlineData("GGUF\u0003\0\0\0", "a GGUF file")]
    [InlineData("\u0093NUMPY\u0001\0v\0{'descr'", "a NumPy array")]
    [InlineData("\u001f\u008b\u0008\0", "compressed with gzip")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "a pointer of Git LFS")]
    [InlineData("<!DOCTYPE html>", "a web page or XML")]
    [InlineData("\u0008\u0007\u0012\u0007pytorch", "an ONNX model")]
    [InlineData("\u0080\u0002\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019.", "a bare pickle, as torch.save wrote before PyTorch 1.6")]
    [InlineData("\u0080\u0004\u0095", "a bare pickle")]
    public void A_file_of_another_format_is_refused_by_its_name(string start, string says)
    {
        var path = Write(Encoding.Latin1.GetBytes(start));
        Assert.StartsWith($"{path}: this seems to be {says}", Refused(path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tar_file_is_refused_by_its_name()
    {
        var tar = new byte[1024];
        "storages"u8.CopyTo(tar);
        "ustar"u8.CopyTo(tar.AsSpan(257));
        Assert.Contains("this seems to be a tar file, as torch.save wrote before PyTorch 0.2", Refused(Write(tar)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "the file is empty, or no regular file")]
    [InlineData("PK", "PyTorch file refused: its last 22 bytes are not the end of a zip file")]
    [InlineData("Hello, I am a text and nothing else.", "broken safetensors file: the header claims")]
    public void What_is_nothing_known_is_refused_too(string text, string says) =>
        Assert.Contains(says, Refused(Write(Encoding.Latin1.GetBytes(text))), StringComparison.Ordinal);

    [Theory]
    [InlineData(0x50 + (0x4b << 8))] // as a zip file begins
    [InlineData(0x80 + (0x02 << 8))] // as a pickle begins
    [InlineData(0x08 + (0x07 << 8))] // as an ONNX model begins
    [InlineData(0x3c)] // as a web page begins
    public void Safetensors_are_read_whatever_their_length_looks_like(int headerLength)
    {
        var header = """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""".PadRight(headerLength);
        var path = Write([.. BitConverter.GetBytes((long)headerLength), .. Encoding.ASCII.GetBytes(header), 0, 0, 0xC0, 0x3F]);
        using var file = WeightFile.Open(path);
        Assert.Equal(new WeightEntry("a", SafetensorsType.F32, file.Entries[0].Shape), Assert.Single(file.Entries));
        Assert.Equal([1.5f], file.ReadFloats("a"));
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.Throws<FileNotFoundException>(() => WeightFile.Open(_folder.At("none.ckpt")));

    private string Write(byte[] bytes)
    {
        var path = _folder.At("weights.bin");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static string Refused(string path)
    {
        var e = Assert.Throws<InvalidDataException>(() => WeightFile.Open(path).Dispose());
        Assert.StartsWith(path, e.Message, StringComparison.Ordinal);
        File.Delete(path); // and so no handle or map of it is left open
        return e.Message;
    }
}
