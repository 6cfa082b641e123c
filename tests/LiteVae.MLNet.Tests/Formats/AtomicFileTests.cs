namespace LiteVae.Tests.Formats;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_writer_that_fails_leaves_the_old_file_and_nothing_else()
    {
        var path = _folder.Write("report.json", "old");

        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write("half of the new"u8);
            throw new InvalidOperationException("the disk is tired");
        }));

        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.Root));
    }

    [Fact]
    public void The_old_file_is_seen_until_the_new_one_is_complete()
    {
        var path = _folder.Write("report.json", "old");
        var seenMeanwhile = "";

        AtomicFile.Write(path, stream =>
        {
            stream.Write("new"u8);
            stream.Flush();
            seenMeanwhile = File.ReadAllText(path);
        });

        Assert.Equal(("old", "new"), (seenMeanwhile, File.ReadAllText(path)));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder.Root));
    }

    [Fact]
    public void Missing_folders_are_created_and_text_has_no_byte_order_mark()
    {
        var path = _folder.At("a/b/c.txt");
        AtomicFile.WriteAllText(path, "ä");
        Assert.Equal([0xC3, 0xA4], File.ReadAllBytes(path));
    }

    [Fact]
    public void Bytes_replace_longer_bytes_wholly()
    {
        var path = _folder.Write("x", "a longer text");
        AtomicFile.WriteAllBytes(path, [1, 2]);
        Assert.Equal([1, 2], File.ReadAllBytes(path));
    }

    [Fact]
    public void A_target_that_is_a_folder_is_refused_and_left_alone()
    {
        var inner = _folder.Write("folder/file", "kept");
        Assert.ThrowsAny<Exception>(() => AtomicFile.WriteAllText(_folder.At("folder"), "x"));
        Assert.Equal("kept", File.ReadAllText(inner));
        Assert.Single(Directory.GetFileSystemEntries(_folder.Root));
    }

    [Fact]
    public void A_name_of_the_greatest_length_works()
    {
        var path = _folder.At(new string('n', 255));
        AtomicFile.WriteAllText(path, "x");
        Assert.Equal("x", File.ReadAllText(path));
    }
}
