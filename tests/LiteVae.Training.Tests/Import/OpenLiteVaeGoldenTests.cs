using LiteVae.Tests.Shared;
using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Import;

/// <summary>Weights, inputs and outputs of the reference implementation of open-litevae, run in PyTorch.</summary>
public sealed class OpenLiteVaeGoldenTests : TorchTest
{
    private const double Tolerance = 1e-4;

    [Theory]
    [InlineData("s-f8c12")]
    [InlineData("tiny-f8c4-quant")]
    public void TorchSharp_gives_the_reference_s_moments_and_reconstruction(string name)
    {
        using var model = WeightImporter.Import(Fixture($"{name}.safetensors"));
        using var noGradient = no_grad();
        var moments = model.Network.Encode(Golden(name, "x"));
        TestOutput(name, "moments", Golden(name, "moments"), moments);
        TestOutput(name, "recon", Golden(name, "reconstruction"), model.Network.Decode(new DiagonalGaussian(moments).Mean));
    }

    private static void TestOutput(string name, string what, Tensor expected, Tensor actual)
    {
        var e = (expected - actual).abs();
        TestContext.Current.SendDiagnosticMessage($"{name} {what} max {e.max().item<float>():E2} mean {e.mean().item<float>():E2} scale {expected.std().item<float>()}");
        Console.WriteLine($"{name} {what} max {e.max().item<float>():E2} mean {e.mean().item<float>():E2} scale {expected.std().item<float>()}");
        Assert.InRange(e.max().item<float>(), 0, Tolerance);
    }

    private static string Fixture(string file) => SharedData.PathOrSkip($"fixtures/open-litevae/{file}");

    private static Tensor Golden(string name, string what)
    {
        using var reader = SafetensorsReader.Open(Fixture($"{name}.io.safetensors"));
        Assert.True(reader.TryGetEntry(what, out var entry));
        return tensor(reader.ReadFloats(what), [.. entry!.Shape]);
    }
}
