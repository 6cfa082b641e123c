using System.Diagnostics;
using System.Formats.Tar;
using System.Text;

namespace LiteVae.Tests.Latents.Planning;

public sealed class SourceSearchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_tree_gives_its_images_and_tar_files_and_labels_from_its_folders_where_asked_for()
    {
        foreach (var file in new[] { "photos/one.JPG", "photos/cats/a.png", "photos/cats/old/b.webp", "photos/.hidden/c.png", "photos/notes.md", "photos/store/d.png" })
        {
            _folder.Write(file, "");
        }

        WriteTar("photos/sets/00.tar", ("x.jpg", "1"));
        Directory.CreateSymbolicLink(_folder.At("photos/loop"), _folder.At("photos"));

        Assert.Equal(["cats/a.png", "cats/old/b.webp", "one.JPG", "sets/00/x"], Find("photos").Select(source => source.Key).Order(StringComparer.Ordinal));
        Assert.All(Find("photos"), source => Assert.Null(source.Label));
        Assert.Equal(["cats/a.png: cats", "cats/old/b.webp: old", "one.JPG: ", "sets/00/x: "], Find("photos", LabelSource.Folders).Select(source => $"{source.Key}: {source.Label}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_WebDataset_gives_places_captions_and_labels()
    {
        WriteTar(
            "set/train-00.tar",
            ("a/0001.txt", " a cat \n"), ("a/0001.cls", "7\n"), ("a/0001.jpg", "first picture"), ("a/0001.mask.png", "mask"),
            ("0002.png", "second"), ("0002.json", """{"label": 3, "caption": "ü", "width": 5}"""),
            ("0003.cls", "1"),
            ("0004.seg.png", "only a mask"),
            ("0005.json", "{broken"), ("0005.jpg", "third"));

        var found = Find("set/train-00.tar");
        Assert.Equal(
            ["train-00/a/0001|a/0001.jpg|7|a cat|", "train-00/0002|0002.png|3|ü|", "train-00/0004|0004.seg.png|||", "train-00/0005|0005.jpg|||0005.json cannot be read"],
            found.Select(source => $"{source.Key}|{source.Member}|{source.Label}|{source.Caption}|{source.Failure?.Split(':')[0]}"));
        var bytes = File.ReadAllBytes(_folder.At("set/train-00.tar"));
        Assert.Equal("first picture", Encoding.UTF8.GetString(bytes, (int)found[0].Offset!, (int)found[0].Length!));
        Assert.Equal("second", Encoding.UTF8.GetString(bytes, (int)found[1].Offset!, (int)found[1].Length!));
        Assert.Equal(_folder.At("set/train-00.tar/a/0001.jpg"), found[0].Name());
    }

    [Fact]
    public void A_broken_tar_file_is_a_failure_and_what_stands_before_the_fault_is_kept()
    {
        WriteTar("good.tar", ("1.jpg", new string('x', 1000)), ("2.jpg", new string('y', 1000)), ("3.jpg", "z"));
        File.WriteAllBytes(_folder.At("cut.tar"), File.ReadAllBytes(_folder.At("good.tar"))[..4200]);
        File.WriteAllText(_folder.At("text.tar"), new string('?', 2000));
        File.WriteAllText(_folder.At("empty.tar"), "");
        _folder.Write("list.txt", "cut.tar\ntext.tar\nempty.tar\nnone.tar\n");

        var found = Find("list.txt");
        Assert.Equal(["cut/", "cut/1", "empty/", "none/", "text/"], found.Select(source => source.Key).Order(StringComparer.Ordinal));
        Assert.Contains("beyond its first 1 samples: it ends inside the member 2.jpg", found.Single(source => source.Key == "cut/").Failure, StringComparison.Ordinal);
        Assert.Contains("cannot be read:", found.Single(source => source.Key == "text/").Failure, StringComparison.Ordinal);
        Assert.Contains("it is empty", found.Single(source => source.Key == "empty/").Failure, StringComparison.Ordinal);
        Assert.Contains("no such tar file", found.Single(source => source.Key == "none/").Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pipes_are_not_waited_for()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "makes pipes with mkfifo");
        string[] names = ["x.tar", "x.txt", "x.csv", "x.parquet"];
        Directory.CreateDirectory(_folder.At("in"));
        using (var mkfifo = Process.Start("mkfifo", names.Select(name => _folder.At($"in/{name}"))))
        {
            await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        _folder.Write("list.txt", "in/x.tar");
        foreach (var input in new[] { "in", "in/x.tar", "list.txt" })
        {
            var failure = Assert.Single(await Soon(() => Find(input)));
            Assert.EndsWith("x/", failure.Key, StringComparison.Ordinal);
            Assert.Contains("no regular file", failure.Failure, StringComparison.Ordinal);
        }

        foreach (var name in names[1..])
        {
            var e = await Assert.ThrowsAsync<InvalidDataException>(() => Soon(() => Find($"in/{name}")));
            Assert.Equal($"{_folder.At($"in/{name}")}: the file is empty, or no regular file.", e.Message);
        }

        static Task<List<SourceRecord>> Soon(Func<List<SourceRecord>> find) => Task.Run(find).WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData("table.csv", ",")]
    [InlineData("table.tsv", "\t")]
    [InlineData("table.csv", ";")]
    public void A_table_gives_paths_keys_labels_and_captions(string name, string separator)
    {
        _folder.Write(name, $"caption,path,label,key\n\"a, \"\"grey\"\"\ncat\",photos/a.jpg,7,\n,/abs/b.jpg,,k/b\n,,,\n".Replace(",", separator, StringComparison.Ordinal).Replace($"a{separator} ", "a, ", StringComparison.Ordinal));
        var found = Find(name);
        Assert.Equal(new SourceRecord("photos/a.jpg", _folder.At("photos/a.jpg"), Label: "7", Caption: "a, \"grey\"\ncat"), found[0]);
        Assert.Equal(new SourceRecord("k/b", "/abs/b.jpg"), found[1]);
        Assert.Equal($"{name}, line 5", found[2].Key);
        Assert.Contains("cannot be a path", found[2].Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_parquet_table_may_have_whole_numbers_for_labels_and_gaps()
    {
        (string? Path, int Label, string? Caption)[] rows = [("photos/a.jpg", 7, "cat"), ("b.jpg", -1, null)];
        ParquetColumn<(string? Path, int Label, string? Caption)>[] columns =
        [
            ParquetColumn<(string? Path, int Label, string? Caption)>.OptionalText("path", row => row.Path),
            ParquetColumn<(string? Path, int Label, string? Caption)>.Integer("label", row => row.Label),
            ParquetColumn<(string? Path, int Label, string? Caption)>.OptionalText("caption", row => row.Caption),
        ];
        AtomicFile.Write(_folder.At("t.parquet"), stream => ParquetTable.Write(stream, columns, rows, _ => 0));
        Assert.Equal(
            [new SourceRecord("photos/a.jpg", _folder.At("photos/a.jpg"), Label: "7", Caption: "cat"), new SourceRecord("b.jpg", _folder.At("b.jpg"), Label: "-1")],
            Find("t.parquet"));
    }

    [Theory]
    [InlineData("t.csv", "file,label\na,b\n", "there is no column 'path'; there are file, label")]
    [InlineData("t.csv", "path,label\nb,c\na\n", ", line 3: the row has 1 columns, the header 2")]
    [InlineData("t.csv", "", "the file is empty")]
    [InlineData("t.csv", "\uFEFF", "the table is empty")]
    [InlineData("t.csv", "path,path\na,b\n", "found 2 times")]
    [InlineData("t.parquet", "no table", "no parquet file")]
    public void A_wrong_table_is_refused_with_its_name(string name, string text, string reason)
    {
        _folder.Write(name, text);
        var e = Assert.Throws<InvalidDataException>(() => Find(name));
        Assert.StartsWith(_folder.At(name), e.Message, StringComparison.Ordinal);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_and_captions_beyond_all_measure_are_failures()
    {
        _folder.Write("t.csv", $"path,key,caption\na.jpg,{new string('k', 40_000)},\nb.jpg,b,{new string('c', 1_000_001)}\nc\0d.jpg,,\n");
        var found = Find("t.csv");
        Assert.Equal([32_768, 1, "t.csv, line 4".Length], found.Select(source => source.Key.Length));
        Assert.All(found, source => Assert.NotNull(source.Failure));
        Assert.All(found, source => Assert.Null(source.Caption));
    }

    private List<SourceRecord> Find(string input, LabelSource labels = LabelSource.Columns)
    {
        List<SourceRecord> found = [];
        new SourceSearch(labels, _folder.At("photos/store"), found.Add, CancellationToken.None).Find(_folder.At(input));
        return found;
    }

    private void WriteTar(string name, params (string Name, string Text)[] members)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.At(name))!);
        using var writer = new TarWriter(File.Create(_folder.At(name)), TarEntryFormat.Pax);
        foreach (var (member, text) in members)
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, member) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
        }
    }
}
