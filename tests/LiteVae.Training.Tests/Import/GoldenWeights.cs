using LiteVae.Tests;
using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Import;

/// <summary>Weights with what their home program made of an image, to be imported and compared in both runtimes.</summary>
/// <param name="Weights">The weights.</param>
/// <param name="Expected">A safetensors file with <c>x</c>, <c>moments</c>, <c>mean</c>, <c>reconstruction</c>.</param>
/// <param name="Config">The weights' config, or null to tell the architecture from their shapes.</param>
/// <param name="HasLatent">Whether the expected tensors include a random <c>latent</c> and what it is <c>decoded</c> to.</param>
internal sealed record GoldenWeights(string Weights, string Expected, string? Config = null, bool HasLatent = false)
{
    private const double Tolerance = 1e-4;

    /// <summary>Compares the network.</summary>
    public void AssertTorchSharp()
    {
        using var model = WeightImporter.Import(Weights, Config);
        using var noGradient = no_grad();
        var moments = model.Network.Encode(Read("x"));
        AssertClose("TorchSharp", "moments", moments);
        AssertClose("TorchSharp", "mean", new DiagonalGaussian(moments).Mean);
        AssertClose("TorchSharp", "reconstruction", model.Network.call(Read("x")));
        if (HasLatent)
        {
            AssertClose("TorchSharp", "decoded", model.Network.Decode(Read("latent")));
        }
    }

    /// <summary>Exports the weights and compares the exported model.</summary>
    public void AssertOnnxRuntime()
    {
        using var folder = new TemporaryFolder();
        using var imported = WeightImporter.Import(Weights, Config);
        OnnxExporter.Export(imported.Network, imported.Config, folder.At("model"));
        AssertOnnxRuntime(folder.At("model"));
    }

    /// <summary>Compares the ONNX files of a model folder.</summary>
    public void AssertOnnxRuntime(string folder)
    {
        using var model = LiteVaeModel.Load(folder);
        var x = Read("x");
        var images = new PixelTensor((int)x.shape[0], (int)x.shape[2], (int)x.shape[3]);
        x.data<float>().ToArray().CopyTo(images.Data, 0);
        var posterior = model.Encode(images);
        AssertClose("ONNX Runtime", "moments", tensor(posterior.Moments, Read("moments").shape));
        AssertClose("ONNX Runtime", "reconstruction", Decode(posterior.Means()));
        if (HasLatent)
        {
            AssertClose("ONNX Runtime", "decoded", Decode(Read("latent").data<float>().ToArray()));
        }

        Tensor Decode(float[] latents) => tensor(model.Decode(latents, posterior.Count, posterior.Height, posterior.Width).Data, x.shape);
    }

    /// <summary>One of the expected tensors.</summary>
    public Tensor Read(string name) => Golden.Read(Expected, name);

    /// <summary>Compares an output with the expected one and says how far it is.</summary>
    public void AssertClose(string runtime, string name, Tensor actual)
    {
        var expected = Read(name);
        Assert.Equal(expected.shape, actual.shape);
        var error = (actual - expected).abs();
        var (largest, mean) = (error.max().item<float>(), error.mean().item<float>());
        TestContext.Current.TestOutputHelper?.WriteLine($"{Path.GetFileName(Weights)} {runtime} {name}: max {largest:0.00E+0} mean {mean:0.00E+0}");
        Assert.True(largest <= Tolerance, $"{name}: largest error {largest:0.0E+0}, allowed {Tolerance:0.0E+0}"); // false for NaN
    }
}
