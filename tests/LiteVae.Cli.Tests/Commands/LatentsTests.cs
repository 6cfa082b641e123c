using LiteVae.Tests;
using LiteVae.Tests.Latents;

namespace LiteVae.Cli.Tests.Commands;

/// <summary>What is done with a store, as a user does it.</summary>
public sealed class LatentsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Verify_names_the_damaged_file()
    {
        var store = Write();
        var good = (await Litevae.Run("latents", "verify", store, "--json", "-")).Expect(0);
        Assert.Equal((18, true, 0), (good.Json.GetProperty("images").GetInt32(), good.Json.GetProperty("is_complete").GetBoolean(), good.Json.GetProperty("faults").GetArrayLength()));
        Assert.Contains("nothing is wrong", good.Error, StringComparison.Ordinal);

        var path = Path.Combine(store, "shards/00001.safetensors");
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
        var bad = (await Litevae.Run("latents", "verify", store)).Expect(1);
        Assert.Contains($"{path}: it has the SHA-256", bad.Out, StringComparison.Ordinal);
        Assert.Contains("1 file wrong", bad.Out, StringComparison.Ordinal);
        Assert.Contains("no such folder", (await Litevae.Run("latents", "verify", _folder.At("nowhere"))).Expect(2).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stats_tells_every_channel()
    {
        var result = (await Litevae.Run("latents", "stats", Write(), "--json", "-")).Expect(0);
        Assert.Equal(4, result.Json.GetProperty("channels").GetArrayLength());
        Assert.Equal(19.007, result.Json.GetProperty("channels")[0].GetProperty("max").GetDouble(), 1e-3); // of the last source
        Assert.Contains("| log variance 1 |", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_writes_the_layout_that_is_named()
    {
        var store = Write();
        (await Litevae.Run("latents", "export", store, "--format", "web-dataset", "--out", _folder.At("tars"))).Expect(0);
        Assert.Equal(4, Directory.GetFiles(_folder.At("tars"), "*.tar").Length);
        Assert.Contains("use lightning-dit, web-dataset, npy or kohya", (await Litevae.Run("latents", "export", store, "--format", "zip", "--out", _folder.At("x"))).Expect(2).Error, StringComparison.Ordinal);
        Assert.Contains("encode with --flip", (await Litevae.Run("latents", "export", store, "--format", "lightning-dit", "--out", _folder.At("x"))).Expect(2).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retry_encodes_what_failed_and_goes_on_where_it_was_killed()
    {
        const int photos = 60;
        PhotoCrops.Write(_folder.At("photos"), photos);
        TinyModels.Write(_folder.At("model"));
        string[] encode = ["encode", _folder.At("photos"), "--model", _folder.At("model"), "--size", "32", "--shard-size", "4", "--out"];
        (await Litevae.Run([.. encode, _folder.At("reference")])).Expect(0);
        var broken = Directory.GetFiles(_folder.At("photos"), "*.jpg", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Where((_, i) => i % 5 == 2).ToDictionary(path => path, File.ReadAllBytes);
        Array.ForEach([.. broken.Keys], path => File.WriteAllBytes(path, [0]));
        (await Litevae.Run([.. encode, _folder.At("store")])).Expect(1);
        string[] retry = ["latents", "retry", _folder.At("store"), "--model", _folder.At("model")];
        var gone = broken.Keys.First();
        File.Delete(gone);
        var still = (await Litevae.Run(retry)).Expect(1);
        Assert.Contains("0 of 12 failed images encoded now, 12 not", still.Out, StringComparison.Ordinal);
        Assert.Contains($"litevae: {gone}: there is no such image file", still.Error, StringComparison.Ordinal); // the reason of now
        Assert.All(broken.Keys.Skip(1), path => Assert.Contains($"litevae: {path}: not an image", still.Error, StringComparison.Ordinal));
        Array.ForEach([.. broken], file => File.WriteAllBytes(file.Key, file.Value));

        var random = new Random(5);
        for (var kills = 0; kills < 6; kills++)
        {
            using var process = Litevae.Start(retry);
            await Task.Delay(200 + random.Next(500));
            process.Kill();
            await process.WaitForExitAsync();
        }

        (await Litevae.Run(retry)).Expect(0);
        Assert.Equal(StoreDigest.Of(_folder.At("reference")), StoreDigest.Of(_folder.At("store")));
        Assert.Contains("Nothing has failed", (await Litevae.Run(retry)).Expect(0).Out, StringComparison.Ordinal);
        Assert.Contains("was made by the encoder", (await Litevae.Run("latents", "retry", _folder.At("store"))).Expect(2).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Merge_puts_stores_together()
    {
        PhotoCrops.Write(_folder.At("photos/a"), 8);
        PhotoCrops.Write(_folder.At("photos/b"), 5);
        TinyModels.Write(_folder.At("model"));
        string[] encode = ["encode", "--model", _folder.At("model"), "--size", "32"];
        foreach (var (input, store) in new[] { ("photos/a", "a"), ("photos/b", "b") })
        {
            Directory.Move(_folder.At($"{input}/00"), _folder.At($"{input}/{store}")); // so that no two have one key
            (await Litevae.Run([.. encode, _folder.At(input), "--out", _folder.At(store)])).Expect(0);
        }

        (await Litevae.Run([.. encode, _folder.At("photos/a"), _folder.At("photos/b"), "--out", _folder.At("at-once")])).Expect(0);
        var result = (await Litevae.Run("latents", "merge", _folder.At("a"), _folder.At("b"), "--out", _folder.At("merged"), "--json", "-")).Expect(0);
        Assert.Equal(13, result.Json.GetProperty("images").GetInt32());
        Assert.Equal(StoreDigest.Of(_folder.At("at-once")), StoreDigest.Of(_folder.At("merged")));
        Assert.Contains("name two stores or more", (await Litevae.Run("latents", "merge", _folder.At("a"), "--out", _folder.At("x"))).Expect(2).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Decode_refuses_a_store_of_another_encoder()
    {
        var result = (await Litevae.Run("decode", Write(), "--out", _folder.At("out"))).Expect(2);
        Assert.Contains(WrittenStore.Encoder, result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.At("out")));
    }

    private string Write() => WrittenStore.Write(_folder.At("store"));
}
