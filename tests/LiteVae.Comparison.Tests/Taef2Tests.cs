using System.Globalization;
using System.Text.Json;
using LiteVae.Comparison.Peers;
using LiteVae.Tests;
using LiteVae.Tests.Shared;
using LiteVae.Training;
using static TorchSharp.torch;

namespace LiteVae.Comparison.Tests;

public sealed class Taef2Tests
{
    [Fact]
    public void Latents_and_output_are_PyTorchs()
    {
        NativeTorch.EnsureLoaded();
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var taef2 = Taef2.Load(SharedData.PathOrSkip("data/weights/taef2"));
        var golden = JsonDocument.Parse(File.ReadAllText(SharedData.PathOrSkip("data/weights/reference/taef2_reference.json"))).RootElement;

        var input = tensor([.. Enumerable.Range(0, 3 * 64 * 64).Select(i => (float)((Math.Sin(0.01 * i) * 0.5) + 0.5))], [1, 3, 64, 64]);
        var latent = taef2.Encode(input);
        var output = taef2.Decode(latent);

        Expect(golden, "latent", latent);
        Expect(golden, "output", output);
        Assert.Equal(golden.GetProperty("latent_std").GetDouble(), latent.std().item<float>(), 1e-5);
    }

    [Fact]
    public void A_photo_has_the_PSNR_and_SSIM_that_PyTorch_has()
    {
        const string photo = "photos/08ca58150e32a931.png";
        using var taef2 = Taef2.Load(SharedData.PathOrSkip("data/weights/taef2"));
        var image = ImageDecoder.Decode(SharedData.PathOrSkip($"data/eval/{photo}"));
        var row = File.ReadLines(SharedData.PathOrSkip("data/weights/reference/peer_metrics.csv")).Single(line => line.StartsWith($"{photo},taef2", StringComparison.Ordinal)).Split(',');

        var score = ImageScore.Of(image, taef2.Reconstruct(image));

        Assert.Equal(double.Parse(row[4], CultureInfo.InvariantCulture), score.Psnr!.Value, 1e-3);
        Assert.Equal(double.Parse(row[5], CultureInfo.InvariantCulture), score.Ssim!.Value, 1e-4);
    }

    [Fact]
    public void Weights_of_another_network_are_refused()
    {
        using var folder = new TemporaryFolder();
        SafetensorsWriter.Write(folder.At("taef2_encoder.safetensors"), []);
        var message = Assert.Throws<InvalidDataException>(() => Taef2.Load(folder.Root)).Message;
        Assert.Contains("the tensor '0.weight'", message, StringComparison.Ordinal);
        Assert.Contains("taef2_decoder.safetensors", message, StringComparison.Ordinal); // the way out
    }

    private static void Expect(JsonElement golden, string name, Tensor actual)
    {
        Assert.Equal(golden.GetProperty($"{name}_shape").EnumerateArray().Select(side => side.GetInt64()), actual.shape);
        Assert.Equal(golden.GetProperty($"{name}_mean").GetDouble(), actual.mean().item<float>(), 1e-5);
        var first = actual.contiguous().data<float>().ToArray();
        Assert.All(golden.GetProperty($"{name}_first16").EnumerateArray().Select((value, i) => value.GetDouble() - first[i]), difference => Assert.InRange(difference, -1e-4, 1e-4));
    }
}
