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
        Assert.Contains("1 file is wrong", bad.Out, StringComparison.Ordinal);
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
    public async Task Decode_refuses_a_store_of_another_encoder()
    {
        var result = (await Litevae.Run("decode", Write(), "--out", _folder.At("out"))).Expect(2);
        Assert.Contains(WrittenStore.Encoder, result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.At("out")));
    }

    private string Write() => WrittenStore.Write(_folder.At("store"));
}
