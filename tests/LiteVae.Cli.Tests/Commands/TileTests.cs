using System.Diagnostics;
using System.Text.Json;
using LiteVae.Tests;
using LiteVae.Tests.Images;
using LiteVae.Tests.Inference;
using LiteVae.Tests.Inference.Foreign;
using LiteVae.Tests.Shared;
using SkiaSharp;

namespace LiteVae.Cli.Tests.Commands;

/// <summary><c>--tile</c>, and what <c>info</c> says of it.</summary>
public sealed class TileTests : IDisposable
{
    private const int MemorySide = 2048;

    private static readonly string Photo = Path.Combine(SharedData.Repository, "samples", "photos", "coffee.jpg");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Latents_of_tiles_are_those_of_the_whole_images()
    {
        var model = TinyModels.Write(_folder.At("model"));
        foreach (var (name, tile) in new (string, string[])[] { ("whole", []), ("tiled", ["--tile", "24"]) })
        {
            (await Litevae.Run(["encode", Photo, "--out", _folder.At(name), "--dtype", "f32", "--size", "64", "--model", model, .. tile])).Expect(0);
        }

        using var whole = SafetensorsReader.Open(_folder.At("whole/shards/00000.safetensors"));
        using var tiled = SafetensorsReader.Open(_folder.At("tiled/shards/00000.safetensors"));
        Assert.Equal(whole.ReadFloats("moments"), tiled.ReadFloats("moments"), (a, b) => Math.Abs(a - b) < 1e-5f);
    }

    [Fact]
    public async Task A_reconstruction_in_tiles_measures_as_the_whole_one()
    {
        List<double> psnr = [];
        foreach (var tile in new string[][] { [], ["--tile", "24"] })
        {
            var json = (await Litevae.Run(["reconstruct", Photo, "--out", _folder.At("out"), "--model", TinyModels.Write(_folder.At("model")), "--json", "-", .. tile])).Expect(0).Json;
            psnr.Add(json.GetProperty("psnr").GetDouble());
        }

        Assert.Equal(psnr[0], psnr[1], 1e-3);
    }

    [Theory]
    [InlineData("960", "at least 968 pixels")]
    [InlineData("1020", "multiple of 8, such as 1024")]
    [InlineData("0", "--tile is 0; allowed are 1 to 16384")]
    public async Task A_tile_that_the_model_cannot_take_is_one_error(string tile, string reason)
    {
        foreach (var command in new string[][] { ["reconstruct", Photo, "--out", _folder.At("out")], ["encode", Photo, "--out", _folder.At("latents")] })
        {
            var result = (await Litevae.Run([.. command, "--tile", tile])).Expect(2);
            Assert.Contains(reason, result.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Info_says_what_tiles_the_graphs_need()
    {
        var own = (await Litevae.Run("info", "--json")).Expect(0).Json;
        var tiling = own.GetProperty("tiling");
        foreach (var half in new[] { "encoder", "decoder" })
        {
            var (field, halo, least) = Numbers(tiling.GetProperty(half));
            Assert.Equal(own.GetProperty(half).GetProperty("receptive_field").GetInt32(), field);
            Assert.Equal((2 * halo) + 8, least);
        }

        // the golden models have norms; a folder without a decoder has no tiles of one
        var foreign = (await Litevae.Run("info", "--json", "--model", ForeignFolders.PathOf(ForeignFolders.Plain))).Expect(0).Json.GetProperty("tiling");
        Assert.Equal((null, null, 16), Numbers(foreign.GetProperty("encoder")));
        var local = WriteWideEncoder();
        var text = (await Litevae.Run("info", "--model", local)).Expect(0).Out;
        Assert.Contains("tiles of the encoder: at least 24 pixels a side; local: with a halo of 8 pixels", text, StringComparison.Ordinal);
        Assert.DoesNotContain("tiles of the decoder", text, StringComparison.Ordinal);

        static (int? Field, int? Halo, int Least) Numbers(JsonElement half) => (Number(half, "receptive_field"), Number(half, "halo"), half.GetProperty("least_tile").GetInt32());

        static int? Number(JsonElement half, string name) => half.GetProperty(name) is { ValueKind: JsonValueKind.Number } value ? value.GetInt32() : null;
    }

    [Fact]
    public async Task In_tiles_the_process_takes_a_fraction_of_the_memory()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads the peak that Linux keeps of a process");
        var model = WriteWideEncoder();
        File.WriteAllBytes(_folder.At("large.png"), Pictures.Encode(Pictures.Noise(MemorySide, MemorySide, seed: 1), SKEncodedImageFormat.Png));

        // 64 channels at full size are 1.07 GB a tensor; in tiles of 256 they are 17 MB. The image is 50 MB, and the program itself some 150.
        var whole = await Peak([]);
        var tiled = await Peak(["--tile", "256"]);
        TestContext.Current.TestOutputHelper?.WriteLine($"whole {whole >> 20} MB, in tiles {tiled >> 20} MB");
        Assert.True(tiled < whole / 2, $"whole {whole >> 20} MB, in tiles {tiled >> 20} MB");

        async Task<long> Peak(string[] tile)
        {
            var process = Litevae.Start(["encode", _folder.At("large.png"), "--out", _folder.At($"latents{string.Concat(tile)}"), "--size", $"{MemorySide}", "--model", model, .. tile]);
            var finish = Litevae.Finish(process);
            var peak = 0L;
            while (!finish.IsCompleted)
            {
                peak = Math.Max(peak, PeakOf(process.Id));
                await Task.Delay(20);
            }

            (await finish).Expect(0);
            return peak;
        }
    }

    private static long PeakOf(int process)
    {
        try
        {
            using var running = Process.GetProcessById(process);
            return running.PeakWorkingSet64;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return 0; // it has just ended
        }
    }

    /// <summary>A foreign encoder of factor 8 with many channels at full size, and a halo of one latent.</summary>
    private string WriteWideEncoder()
    {
        Directory.CreateDirectory(_folder.At("wide/vae_encoder"));
        var graph = SmallGraph.Encoder().Conv(64, 3).Node("AveragePool", SmallGraph.Ints("kernel_shape", 8, 8), SmallGraph.Ints("strides", 8, 8)).Conv(2, 1);
        File.WriteAllBytes(_folder.At("wide/vae_encoder/model.onnx"), graph.ToBytes("latent_sample"));
        return _folder.At("wide");
    }
}
