using System.Diagnostics;

namespace LiteVae.Tests.Formats;

public sealed class RegularFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_length_of_a_link_is_that_of_its_file()
    {
        var path = _folder.Write("file", "twelve bytes");
        File.CreateSymbolicLink(_folder.At("link"), "file");
        File.CreateSymbolicLink(_folder.At("again"), "link");
        Assert.Equal((12, 12, 12), (RegularFile.Length(path), RegularFile.Length(_folder.At("link")), RegularFile.Length(_folder.At("again"))));
        Assert.Equal("twelve bytes", RegularFile.ReadText(_folder.At("again"), 12));
        Assert.Contains("12 bytes; at most 11", Assert.Throws<InvalidDataException>(() => RegularFile.ReadText(_folder.At("again"), 11)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pipes_and_devices_are_not_waited_for()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "makes a pipe with mkfifo");
        var pipe = _folder.At("pipe");
        using (var mkfifo = Process.Start("mkfifo", pipe))
        {
            mkfifo.WaitForExit();
        }

        File.CreateSymbolicLink(_folder.At("zero"), "/dev/zero");
        foreach (var path in new[] { pipe, _folder.At("zero"), "/dev/zero" })
        {
            Assert.Contains("no regular file", Assert.Throws<InvalidDataException>(() => RegularFile.ReadText(path, 100)).Message, StringComparison.Ordinal);
            Assert.Throws<InvalidDataException>(() => SafetensorsReader.Open(path));
            Assert.Throws<InvalidDataException>(() => OnnxModelFile.Read(path));
        }
    }

    [Fact]
    public void What_is_not_there_or_a_folder_is_said()
    {
        Assert.Contains("there is no such file", Assert.Throws<FileNotFoundException>(() => RegularFile.Length(_folder.At("none"))).Message, StringComparison.Ordinal);
        Assert.Contains("is a folder", Assert.Throws<FileNotFoundException>(() => RegularFile.Length(_folder.Root)).Message, StringComparison.Ordinal);
    }
}
