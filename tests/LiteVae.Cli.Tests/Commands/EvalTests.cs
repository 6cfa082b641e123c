using System.Text.Json;
using LiteVae.Tests;
using LiteVae.Tests.Images;
using LiteVae.Training;

namespace LiteVae.Cli.Tests.Commands;

public sealed class EvalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Latents_of_the_tiny_model_are_those_of_its_formulas()
    {
        Save("photos/red.png", Pictures.FromPixels(16, 8, (_, _) => (255, 0, 0)));
        Save("photos/blue.png", Pictures.FromPixels(16, 8, (_, _) => (0, 0, 255)));

        var result = (await Litevae.Run("eval", _folder.At("photos"), "--model", TinyModel(), "--json", "-")).Expect(0);

        // With 0 as -1 and 255 as 1: mean 0 = R + 2 G: 1 - 2 = -1 and -1 - 2 = -3. Mean 1 = B - 0.25: -1.25 and 0.75. Log variances: -1, and R / 2: 0.5 and -0.5.
        var latents = result.Json.GetProperty("latents");
        Assert.Equal(2, latents.GetProperty("images").GetInt32());
        var channels = latents.GetProperty("channels").EnumerateArray().ToList();
        Assert.Equal([-2, -0.25], channels.Select(channel => channel.GetProperty("mean").GetDouble()), Near);
        Assert.Equal([1, 1], channels.Select(channel => channel.GetProperty("deviation").GetDouble()), Near);
        double[] kl =
        [
            0.5 * (((1 + 9) / 2.0) + Math.Exp(-1) - 1 + 1),
            0.5 * (((1.5625 + 0.5625) / 2) + ((Math.Exp(0.5) + Math.Exp(-0.5)) / 2) - 1),
        ];
        Assert.Equal(kl, channels.Select(channel => channel.GetProperty("kl").GetDouble()), Near);
        Assert.Equal(0, latents.GetProperty("dead_channels").GetInt32());
        Assert.Equal(kl.Average(), latents.GetProperty("kl").GetDouble(), 1e-6);
        Assert.Equal([2, 5, 10, 25], latents.GetProperty("prior_distance").EnumerateArray().Select(distance => distance.GetProperty("sigma").GetDouble()));

        Assert.Equal(JsonValueKind.Null, result.Json.GetProperty("lpips").ValueKind);
        Assert.Equal(JsonValueKind.Null, result.Json.GetProperty("rfid").ValueKind);
        Assert.Contains("| 0              | -2.000 |     1.000 |", result.Error, StringComparison.Ordinal);
        Assert.Contains("native size", result.Error, StringComparison.Ordinal);

        static bool Near(double expected, double actual) => Math.Abs(expected - actual) < 1e-6;
    }

    [Fact]
    public async Task It_measures_as_reconstruct_does_and_writes_nothing_unless_asked_to()
    {
        Save("photos/a.png", Pictures.Noise(30, 20));
        Save("photos/b.png", Pictures.Gradient(40, 24));
        string[] common = [_folder.At("photos"), "--size", "16", "--model", TinyModel(), "--json", "-"];
        var files = Directory.GetFiles(_folder.Root, "*", SearchOption.AllDirectories);

        var eval = (await Litevae.Run(["eval", .. common])).Expect(0).Json;
        Assert.Equal(files.Order(), Directory.GetFiles(_folder.Root, "*", SearchOption.AllDirectories).Order());

        var reconstruct = (await Litevae.Run(["reconstruct", .. common, "--out", _folder.At("out")])).Expect(0).Json;
        foreach (var metric in new[] { "images", "psnr", "ssim" })
        {
            Assert.Equal(reconstruct.GetProperty(metric).GetDouble(), eval.GetProperty(metric).GetDouble());
        }

        Assert.Equal(Rows(reconstruct), Rows(eval));
        Assert.StartsWith(reconstruct.GetProperty("protocol").GetString()!, eval.GetProperty("protocol").GetString(), StringComparison.Ordinal);

        static List<(string?, double, double)> Rows(JsonElement json) =>
            [.. json.GetProperty("per_image").EnumerateArray().Select(row => (row.GetProperty("key").GetString(), row.GetProperty("psnr").GetDouble(), row.GetProperty("ssim").GetDouble()))];
    }

    [Fact]
    public async Task A_folder_gets_pictures_and_a_page_with_the_latents()
    {
        Save("photos/a.png", Pictures.Noise(16, 16));
        (await Litevae.Run("eval", _folder.At("photos"), "--model", TinyModel(), "--out", _folder.At("out"))).Expect(0);
        Assert.True(File.Exists(_folder.At("out/a.png.png")));
        var page = File.ReadAllText(_folder.At("out/report.html"));
        Assert.Contains("<th>latent channel</th>", page, StringComparison.Ordinal);
        Assert.Contains("MMD^2 from N(0, I)", page, StringComparison.Ordinal);
        Assert.DoesNotContain("LPIPS", page, StringComparison.Ordinal);
        Assert.DoesNotContain("{{", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_encoder_without_variances_has_no_divergence()
    {
        Save("photos/a.png", Pictures.Noise(16, 16));
        var json = (await Litevae.Run("eval", _folder.At("photos"), "--model", TinyModels.WriteIdentity(_folder.At("identity")), "--json", "-")).Expect(0).Json;
        Assert.Equal(JsonValueKind.Null, json.GetProperty("latents").GetProperty("kl").ValueKind);
        Assert.Equal(3, json.GetProperty("latents").GetProperty("channels").GetArrayLength());
    }

    [Fact]
    public async Task Perceptual_distance_is_that_of_the_8_bit_pictures_and_an_image_too_small_for_it_has_none()
    {
        Save("photos/a.png", Pictures.Noise(48, 40));
        Save("photos/b.png", Pictures.Gradient(40, 40));
        Save("photos/small.png", Pictures.Noise(3, 3));
        var (backbone, heads) = (_folder.At("squeeze.safetensors"), _folder.At("heads.safetensors"));
        SafetensorsWriter.Write(backbone, [.. BackboneArchitecture.SqueezeNet.Tensors.Select(tensor => Noise(tensor.Name, tensor.Shape, least: -1))]);
        SafetensorsWriter.Write(heads, [.. new long[] { 64, 128, 256, 384, 384, 512, 512 }.Select((count, i) => Noise($"lin{i}.weight", [1, count, 1, 1], least: 0))]);

        var json = (await Litevae.Run("eval", _folder.At("photos"), "--lpips", backbone, heads, "--model", TinyModel(), "--out", _folder.At("out"), "--json", "-")).Expect(0).Json;

        using var lpips = LpipsDistance.Load(backbone, heads, "cpu");
        var rows = json.GetProperty("per_image").EnumerateArray().ToList();
        double[] expected = [Distance("a.png", 48, 40), Distance("b.png", 40, 40)];
        Assert.All(expected, distance => Assert.True(distance > 0));
        Assert.Equal(expected, rows.Take(2).Select(row => row.GetProperty("lpips").GetDouble()), (a, b) => Math.Abs(a - b) < 1e-6 * a);
        Assert.Equal(JsonValueKind.Null, rows[2].GetProperty("lpips").ValueKind);
        Assert.Equal(rows.Take(2).Average(row => row.GetProperty("lpips").GetDouble()), json.GetProperty("lpips").GetDouble(), 1e-12);
        Assert.Contains("LPIPS: v0.1 with squeeze", json.GetProperty("protocol").GetString(), StringComparison.Ordinal);
        Assert.Contains("<button type=\"button\">LPIPS</button></th>", File.ReadAllText(_folder.At("out/report.html")), StringComparison.Ordinal);

        double Distance(string key, int width, int height)
        {
            var picture = ImageDecoder.Decode(_folder.At($"out/{key}.png"));
            return lpips.Of(Panel(0), Panel(1))!.Value;

            RgbImage Panel(int panel) => Pictures.FromPixels(width, height, (x, y) => Pictures.At(picture, (panel * width) + x, y));
        }
    }

    [Fact]
    public async Task Too_few_images_for_rFID_are_refused_before_any_work()
    {
        Save("photos/a.png", Pictures.Noise(16, 16));
        var result = (await Litevae.Run("eval", _folder.At("photos"), "--model", TinyModel(), "--inception", _folder.At("nothing.safetensors"), "--out", _folder.At("out"))).Expect(2);
        Assert.Contains("rFID needs 2048 images or more, and there are 1", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.At("out")));
    }

    [Fact]
    public async Task Weights_of_something_else_are_refused_with_the_file_and_the_tensor()
    {
        var photo = Save("photos/a.png", Pictures.Noise(16, 16));
        var other = _folder.At("other.safetensors");
        SafetensorsWriter.Write(other, [SafetensorsTensor.FromFloats("encoder.stem.weight", [1], [0])]);
        var result = (await Litevae.Run("eval", photo, "--model", TinyModel(), "--lpips", other)).Expect(2);
        Assert.Contains(other, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_files_are_named_and_the_others_are_measured()
    {
        Save("photos/good.png", Pictures.Noise(16, 16));
        var bad = _folder.Write("photos/bad.png", "no picture");
        var result = (await Litevae.Run("eval", _folder.At("photos"), "nowhere", "--model", TinyModel(), "--json", "-")).Expect(1);
        Assert.Equal(1, result.Json.GetProperty("images").GetInt32());
        Assert.Equal(1, result.Json.GetProperty("latents").GetProperty("images").GetInt32());
        Assert.Equal(["nowhere", bad], result.Json.GetProperty("failures").EnumerateArray().Select(failure => failure.GetProperty("path").GetString()));

        (await Litevae.Run("eval", bad, "--model", TinyModel())).Expect(2);
    }

    [Theory]
    [InlineData("--size", "16", "--native")]
    [InlineData("--size", "20")]
    [InlineData("--device", "cuda:0")]
    [InlineData("--lpips")]
    [InlineData("--lpips", "nothing.safetensors")]
    [InlineData("--inception")]
    public async Task Wrong_usage_is_told_in_a_sentence(params string[] arguments)
    {
        var photo = Save("photo.png", Pictures.Noise(16, 16));
        var result = (await Litevae.Run(["eval", photo, "--model", TinyModel(), .. arguments])).Expect(2);
        Assert.StartsWith("litevae: ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal); // no stack
    }

    private string TinyModel() => TinyModels.Write(_folder.At("model"));

    private string Save(string relative, RgbImage picture)
    {
        PngFile.Save(_folder.At(relative), picture);
        return _folder.At(relative);
    }

    private static SafetensorsTensor Noise(string name, IReadOnlyList<long> shape, float least)
    {
        var random = new Random(name.Length);
        var scale = shape.Count == 4 ? Math.Sqrt(6.0 / (shape[1] * shape[2] * shape[3])) : 0.1;
        return SafetensorsTensor.FromFloats(name, shape, [.. Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b)).Select(_ => (float)(scale * (least + (random.NextDouble() * (1 - least)))))]);
    }
}
