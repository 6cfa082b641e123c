using LiteVae.Tests;
using LiteVae.Tests.Inference.Foreign;
using LiteVae.Tests.Shared;

namespace LiteVae.Cli.Tests.Commands;

/// <summary>Autoencoders of other programs, named by their folder.</summary>
public sealed class ForeignModelTests : IDisposable
{
    private static readonly string Photo = Path.Combine(SharedData.Repository, "samples", "photos", "coffee.jpg");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // golden/make.py: convolutions of 3 x 3 with bias, and a weight and a bias for each of 8 channels a norm
    [Theory]
    [InlineData(ForeignFolders.Moments, 4, 8, "moments", "f32")]
    [InlineData(ForeignFolders.Half, 4, 8, "moments", "f16")]
    [InlineData(ForeignFolders.Sampling, 4, 8, "latent", "f32")]
    [InlineData(ForeignFolders.Plain, 3, 4, "latent", "f32")]
    public async Task Info_says_what_the_graphs_are(string name, int channels, int factor, string output, string type)
    {
        var result = (await Litevae.Run("info", "--model", ForeignFolders.PathOf(name), "--json")).Expect(0);

        var steps = factor == 8 ? 3 : 2;
        var encoderOutputs = name == ForeignFolders.Plain ? channels : 2 * channels;
        Assert.Equal(Convolution(3, 8) + (steps * (Convolution(8, 8) + 16)) + Convolution(8, encoderOutputs), result.Json.GetProperty("encoder").GetProperty("parameters").GetInt64());
        Assert.Equal(Convolution(channels, 8) + (steps * (Convolution(8, 8) + 16)) + Convolution(8, 3), result.Json.GetProperty("decoder").GetProperty("parameters").GetInt64());
        Assert.Equal(14, result.Json.GetProperty("encoder").GetProperty("opset").GetInt32());
        Assert.StartsWith($"'sample' {type} [batch_size, ", result.Json.GetProperty("encoder").GetProperty("input").GetString());
        Assert.StartsWith($"'latent_sample' {type} [batch_size, ", result.Json.GetProperty("decoder").GetProperty("input").GetString());

        var config = result.Json.GetProperty("config");
        Assert.Equal((channels, factor, output), (config.GetProperty("latent_channels").GetInt32(), config.GetProperty("downsampling_factor").GetInt32(), result.Json.GetProperty("encoder_output").GetString()));
        Assert.Contains($"latent: {channels} channels, 1/{factor} of each side; the encoder gives {(output == "latent" ? "plain latents" : "moments")}", result.Error, StringComparison.Ordinal);

        static int Convolution(int from, int to) => (9 * from * to) + to;
    }

    [Fact]
    public async Task A_photo_is_encoded_at_a_size_that_fits_the_factor_of_the_model()
    {
        var model = ForeignFolders.PathOf(ForeignFolders.Plain);
        (await Litevae.Run("encode", Photo, "--out", _folder.At("latents"), "--dtype", "f32", "--size", "60", "--model", model)).Expect(0);

        var pixels = new PixelTensor(1, 60, 60);
        pixels.Set(0, BicubicResizer.Fit(ImageDecoder.Decode(Photo), 60, 60, ResizePolicy.CenterCrop));
        using var loaded = LiteVaeModel.Load(model);
        using var reader = SafetensorsReader.Open(_folder.At("latents/shards/00000.safetensors"));
        Assert.Equal([1L, 6, 15, 15], Assert.Single(reader.Entries).Shape);
        Assert.Equal(loaded.Encode(pixels).Moments, reader.ReadFloats("moments"), (a, b) => Math.Abs(a - b) < 1e-5f); // the program runs with another number of threads
        Assert.Equal(loaded.EncoderSha256, reader.Metadata["encoder_sha256"]);
    }

    [Theory]
    [InlineData(ForeignFolders.Half)]
    [InlineData(ForeignFolders.Sampling)]
    public async Task A_photo_is_reconstructed(string name)
    {
        var json = (await Litevae.Run("reconstruct", Photo, "--out", _folder.At("out"), "--size", "64", "--model", ForeignFolders.PathOf(name), "--json", "-")).Expect(0).Json;

        var photo = BicubicResizer.Fit(ImageDecoder.Decode(Photo), 64, 64, ResizePolicy.CenterCrop);
        using var model = LiteVaeModel.Load(ForeignFolders.PathOf(name));
        Assert.Equal(Psnr.Compute(photo, model.Reconstruct(photo)), json.GetProperty("psnr").GetDouble(), 0.01);
        Assert.True(File.Exists(_folder.At("out/coffee.jpg.png")));
    }

    [Fact]
    public async Task What_cannot_work_ends_with_2_and_the_reason()
    {
        Directory.CreateDirectory(_folder.At("model/vae_encoder"));
        File.Copy(TinyModels.DecoderPath(ForeignFolders.PathOf(ForeignFolders.Moments)), TinyModels.EncoderPath(_folder.At("model")));
        foreach (var command in new string[][] { ["info"], ["reconstruct", Photo, "--out", _folder.At("out")] })
        {
            var result = (await Litevae.Run([.. command, "--model", _folder.At("model")])).Expect(2);
            Assert.Contains("input is 'latent_sample' f32 [batch_size, 4, height_latent, width_latent]; it must be 'sample' f32 [N, 3, H, W]", result.Error, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(_folder.At("out")));
    }
}
