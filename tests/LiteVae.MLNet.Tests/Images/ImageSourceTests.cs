namespace LiteVae.Tests.Images;

public sealed class ImageSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_gives_its_images_sorted_by_relative_path()
    {
        Files("photos", "b.png", "B.JPG", "a/z.jpeg", "a-1.webp", "c.bmp", "d.gif", "notes.txt", "e.tif", ".hidden.png", ".cache/x.png");

        var sources = ImageSource.Find([_folder.At("photos")]);

        // Ordinal: capitals before small letters, '-' before '/'.
        Assert.Equal(["B.JPG", "a-1.webp", "a/z.jpeg", "b.png", "c.bmp", "d.gif"], sources.Select(source => source.Key));
        Assert.All(sources, source => Assert.Equal(_folder.At("photos/" + source.Key), source.Path));
    }

    [Fact]
    public void A_file_is_taken_whatever_its_name()
    {
        Files("in", "photo.dat");
        Assert.Equal([new ImageSource(_folder.At("in/photo.dat"), "photo.dat")], ImageSource.Find([_folder.At("in/photo.dat")]));
    }

    [Fact]
    public void A_list_gives_its_paths_relative_to_its_own_folder_also_missing_ones()
    {
        Files("data", "img/1.png", "img/2.png");
        Files("elsewhere", "3.png");
        var list = _folder.Write("data/list.txt", $"img/2.png\r\n\n  img/1.png  \nimg/gone.png\n../elsewhere/3.png\n{_folder.At("data/img/1.png")}\n");

        var sources = ImageSource.Find([list]);

        var outside = _folder.At("elsewhere/3.png").Replace('\\', '/').Replace(":", "", StringComparison.Ordinal).TrimStart('/');
        Assert.Equal(new[] { "img/1.png", "img/2.png", "img/gone.png", outside }.Order(StringComparer.Ordinal), sources.Select(source => source.Key));
        Assert.Contains(new ImageSource(_folder.At("data/img/gone.png"), "img/gone.png"), sources);
    }

    [Fact]
    public void A_file_named_by_two_inputs_is_taken_once()
    {
        Files("photos", "a.png", "b.png");
        var sources = ImageSource.Find([_folder.At("photos"), _folder.At("photos/../photos/a.png")]);
        Assert.Equal(["a.png", "b.png"], sources.Select(source => source.Key));
    }

    [Fact]
    public void Two_files_of_the_same_key_are_told_apart_in_any_order_of_the_inputs()
    {
        Files("one", "a.png", "b.png");
        Files("two", "a.png");

        var sources = ImageSource.Find([_folder.At("one"), _folder.At("two")]);

        Assert.Equal(3, sources.Select(source => source.Key).Distinct().Count());
        Assert.Contains(sources, source => source.Key == "b.png");
        Assert.Contains(sources, source => source.Key.EndsWith("one/a.png", StringComparison.Ordinal));
        Assert.Contains(sources, source => source.Key.EndsWith("two/a.png", StringComparison.Ordinal));
        Assert.Equal(sources, ImageSource.Find([_folder.At("two"), _folder.At("one")]));
    }

    [Fact]
    public void A_link_to_a_parent_folder_does_not_loop()
    {
        Files("photos", "a.png", "sub/b.png");
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege on Windows");
        Directory.CreateSymbolicLink(_folder.At("photos/sub/up"), _folder.At("photos"));
        File.CreateSymbolicLink(_folder.At("photos/linked.png"), _folder.At("photos/a.png"));
        Assert.Equal(["a.png", "linked.png", "sub/b.png"], ImageSource.Find([_folder.At("photos")]).Select(source => source.Key));
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")] // skipped there
    public void A_subfolder_that_cannot_be_read_is_named_and_the_others_are_searched()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            Assert.Skip("needs a folder that its own process may not read");
            return;
        }

        Files("photos", "a.png", "locked/b.png", "open/c.png");
        File.SetUnixFileMode(_folder.At("photos/locked"), UnixFileMode.None);
        try
        {
            var sources = ImageSource.Find([_folder.At("photos")]);
            Assert.Equal(["a.png", "locked", "open/c.png"], sources.Select(source => source.Key));
            Assert.Contains("could not be read", Assert.Throws<InvalidDataException>(() => ImageDecoder.Decode(sources[1].Path)).Message);
        }
        finally
        {
            File.SetUnixFileMode(_folder.At("photos/locked"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public void A_missing_input_is_named()
    {
        var e = Assert.Throws<FileNotFoundException>(() => ImageSource.Find(["no-such-photos"]));
        Assert.Contains("'no-such-photos' does not exist", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_input_gives_no_images() => Assert.Empty(ImageSource.Find([]));

    private void Files(string folder, params string[] names)
    {
        foreach (var name in names)
        {
            _folder.Write($"{folder}/{name}", "x");
        }
    }
}
