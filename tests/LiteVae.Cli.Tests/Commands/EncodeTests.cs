using System.Security.Cryptography;
using System.Text.Json;
using LiteVae.Tests;
using LiteVae.Tests.Images;
using SkiaSharp;

namespace LiteVae.Cli.Tests.Commands;

public sealed class EncodeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Moments_of_every_image_are_in_one_file_in_the_order_of_the_sources()
    {
        // Colours: one level is 2/255 of the range, 51 levels are 0.4. By the tiny model's formulas: R + 2 G, B - 0.25, -1, R / 2.
        Save("photos/b.png", 40, 24, (51, 102, 204));
        Save("photos/a/c.png", 16, 16, (255, 0, 255));
        _folder.Write("photos/bad.jpg", "no image");

        var result = (await Litevae.Run("encode", _folder.At("photos"), "--out", _folder.At("out/latents.safetensors"), "--size", "16", "--model", TinyModel(), "--json", "-")).Expect(1);

        using var reader = SafetensorsReader.Open(_folder.At("out/latents.safetensors"));
        Assert.Equal([2L, 4, 2, 2], Assert.Single(reader.Entries).Shape);
        float[] expected = [.. Four(1 - 2), .. Four(1 - 0.25f), .. Four(-1), .. Four(0.5f), .. Four(-0.6f + (2 * -0.2f)), .. Four(0.6f - 0.25f), .. Four(-1), .. Four(-0.3f)];
        Assert.Equal(expected, reader.ReadFloats("moments"), (a, b) => Math.Abs(a - b) < 1e-5f);

        var lines = File.ReadAllLines(_folder.At("out/latents.sources.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(
            [(0, "a/c.png", 16, 16), (1, "b.png", 40, 24)],
            lines.Select(line => (line.GetProperty("row").GetInt32(), line.GetProperty("key").GetString()!, line.GetProperty("width").GetInt32(), line.GetProperty("height").GetInt32())));
        Assert.Equal(Sha256("out/latents.sources.jsonl"), reader.Metadata["sources_sha256"]);
        Assert.Equal(Sha256("model/vae_encoder/model.onnx"), reader.Metadata["encoder_sha256"]);
        Assert.Equal(("tiny", "16", "not applied", "4"), (reader.Metadata["model"], reader.Metadata["size"], reader.Metadata["scaling"], reader.Metadata["scaling_factor"]));

        var failure = JsonDocument.Parse(Assert.Single(File.ReadAllLines(_folder.At("out/latents.failures.jsonl")))).RootElement;
        Assert.Equal(_folder.At("photos/bad.jpg"), failure.GetProperty("path").GetString());
        Assert.Contains("not an image", failure.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, result.Json.GetProperty("images").GetInt32());

        static float[] Four(float value) => [value, value, value, value];
    }

    [Fact]
    public async Task The_bytes_do_not_depend_on_the_batch()
    {
        for (var i = 0; i < 5; i++)
        {
            File.WriteAllBytes(Directory.CreateDirectory(_folder.At("photos")).FullName + $"/{i}.png", Pictures.Encode(Pictures.Noise(64, 64, seed: i), SKEncodedImageFormat.Png));
        }

        foreach (var batch in new[] { "1", "3" })
        {
            (await Litevae.Run("encode", _folder.At("photos"), "--out", _folder.At($"{batch}.safetensors"), "--size", "64", "--batch", batch)).Expect(0); // the default model
        }

        Assert.Equal(File.ReadAllBytes(_folder.At("1.safetensors")), File.ReadAllBytes(_folder.At("3.safetensors")));
    }

    [Fact]
    public async Task More_than_a_file_holds_is_refused_before_the_work()
    {
        Save("photos/0.png", 8, 8, (0, 0, 0));
        for (var i = 1; i < 40; i++)
        {
            File.Copy(_folder.At("photos/0.png"), _folder.At($"photos/{i}.png"));
        }

        var result = (await Litevae.Run("encode", _folder.At("photos"), "--out", _folder.At("out.safetensors"), "--size", "16384", "--model", TinyModel())).Expect(2);
        Assert.Contains("40 images of 16384 x 16384 do not fit into one file of 2 GB, which takes 31", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("latents.npy", "16")]
    [InlineData("latents.safetensors", "20")]
    public async Task A_wrong_file_name_or_size_is_refused(string file, string size)
    {
        Save("photos/one.png", 16, 16, (0, 0, 0));
        (await Litevae.Run("encode", _folder.At("photos"), "--out", _folder.At(file), "--size", size, "--model", TinyModel())).Expect(2);
        Assert.False(File.Exists(_folder.At(file)));
    }

    private string TinyModel() => TinyModels.Write(_folder.At("model"));

    private void Save(string relative, int width, int height, (byte Red, byte Green, byte Blue) colour)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.At(relative))!);
        File.WriteAllBytes(_folder.At(relative), Pictures.Encode(Pictures.FromPixels(width, height, (_, _) => colour), SKEncodedImageFormat.Png));
    }

    private string Sha256(string relative) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(_folder.At(relative))));
}
