using System.Text.Json;
using LiteVae.Tests;
using LiteVae.Tests.Images;
using SkiaSharp;

namespace LiteVae.Cli.Tests.Commands;

/// <summary><c>litevae decode</c>, of keys that can be file names and of keys that cannot.</summary>
public sealed class DecodeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public DecodeTests() => TinyModels.Write(_folder.At("model"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_key_that_can_be_no_file_name_gives_a_picture_with_the_image_s_number()
    {
        // an ordinary file, whose name has no room for .png behind it; and what a table may hold
        var file = $"{new string('n', 248)}.jpg";
        string[] odd = ["../evil", "/evil", "a//b", new string('k', 300), "a.png/b", "By-Number/0000000001", "nul/../a"];
        Save($"photos/{file}", 0);
        var lines = odd.SelectMany((key, i) => new[] { $"{Save($"table/{i}.jpg", i + 1)},{key}", $"{_folder.At($"table/{i}.jpg")},plain/{i}" });
        var table = _folder.Write("table.csv", string.Join('\n', lines.Prepend("path,key")));
        (await Encode(_folder.At("photos"), table, Save("a.jpg", 9))).Expect(0);

        var result = (await Decode("out/pictures")).Expect(0);

        var renamed = result.Json.GetProperty("renamed").EnumerateArray().ToDictionary(entry => entry.GetProperty("key").GetString()!, entry => entry.GetProperty("file").GetString()!);
        Assert.Equal(odd.Append(file).Order(StringComparer.Ordinal), renamed.Keys.Order(StringComparer.Ordinal));
        using (var store = LatentStore.Open(_folder.At("store")))
        {
            Assert.All(renamed, entry => Assert.Equal(entry.Key, store.RowOf(long.Parse(Path.GetFileNameWithoutExtension(entry.Value))).Key));
            Assert.Equal(store.Count, Directory.GetFiles(_folder.At("out"), "*.png", SearchOption.AllDirectories).Length);
        }

        // the picture is the key's own: the same photo has a plain key too
        Assert.All(odd.Index(), key => Assert.Equal(File.ReadAllBytes(_folder.At($"out/pictures/plain/{key.Index}.png")), File.ReadAllBytes(_folder.At($"out/pictures/{renamed[key.Item]}"))));
        Assert.True(File.Exists(_folder.At("out/pictures/a.jpg.png")));
        Assert.Single(Directory.GetFileSystemEntries(_folder.At("out"))); // nothing outside
        Assert.False(File.Exists("/evil.png"));
        Assert.Contains($"the key '../evil' has an empty name, '.' or '..' between its slashes: its picture is {renamed["../evil"]}", result.Error, StringComparison.Ordinal);
        Assert.Contains($"gives a name of 256 bytes, and a file system takes 255: its picture is {renamed[file]}", result.Error, StringComparison.Ordinal);
        Assert.Contains("16 pictures in", result.Error, StringComparison.Ordinal);

        // again: the same names
        Assert.Equal(JsonSerializer.Serialize(result.Json.GetProperty("renamed")), JsonSerializer.Serialize((await Decode("out/pictures")).Expect(0).Json.GetProperty("renamed")));
    }

    [Fact]
    public async Task Interrupted_it_says_how_many_are_not_reached()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sends a Unix signal");
        PhotoCrops.Write(_folder.At("photos"), 400);
        (await Encode(_folder.At("photos"))).Expect(0);
        var process = Litevae.Start(["decode", _folder.At("store"), "--out", _folder.At("out"), "--images", "400", "--model", _folder.At("model"), "--json", "-"]);
        while (!Directory.Exists(_folder.At("out")))
        {
            Assert.False(process.HasExited);
            await Task.Delay(5);
        }

        await Litevae.Signal(process, "TERM");
        var result = (await Litevae.Finish(process)).Expect(130);
        var done = result.Json.GetProperty("images").GetInt32();
        Assert.Equal(done, Directory.GetFiles(_folder.At("out"), "*.png", SearchOption.AllDirectories).Length);
        Assert.Contains($"Stopped: {400 - done} pictures not reached. The same command does all of them.", result.Error, StringComparison.Ordinal);
    }

    private Task<Litevae.Result> Encode(params string[] inputs) =>
        Litevae.Run(["encode", .. inputs, "--out", _folder.At("store"), "--size", "16", "--model", _folder.At("model")]);

    private Task<Litevae.Result> Decode(string output) =>
        Litevae.Run("decode", _folder.At("store"), "--out", _folder.At(output), "--model", _folder.At("model"), "--json", "-");

    /// <summary>A photo of one grey, another one for every number.</summary>
    private string Save(string name, int number)
    {
        var grey = (byte)(20 * number);
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.At(name))!);
        File.WriteAllBytes(_folder.At(name), Pictures.Encode(Pictures.FromPixels(16, 16, (_, _) => (grey, grey, grey)), SKEncodedImageFormat.Jpeg));
        return _folder.At(name);
    }
}
