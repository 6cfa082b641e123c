using LiteVae.Tests;
using LiteVae.Tests.Shared;
using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Import;

/// <summary>Weights, inputs and outputs of open-litevae's reference implementation, run in PyTorch. Its norms, scales and gains are off their defaults.</summary>
public sealed class OpenLiteVaeGoldenTests : TorchTest
{
    private const double Tolerance = 1e-4;

    [Theory]
    [InlineData("s-f8c12", "s-f8c12.safetensors")]
    [InlineData("tiny-f8c4-quant", "tiny-f8c4-quant.safetensors")]
    [InlineData("tiny-f8c4-quant", "tiny-f8c4-quant.ckpt")]
    public void TorchSharp_gives_the_reference_s_moments_and_reconstruction(string name, string file)
    {
        using var model = WeightImporter.Import(Fixture(file));
        using var noGradient = no_grad();
        var posterior = new DiagonalGaussian(model.Network.Encode(Expected(name, "x")));
        Golden.AssertClose(Expected(name, "moments"), model.Network.Encode(Expected(name, "x")), Tolerance);
        Golden.AssertClose(Expected(name, "mean"), posterior.Mean, Tolerance);
        Golden.AssertClose(Expected(name, "logvar"), posterior.LogVar, Tolerance);
        Golden.AssertClose(Expected(name, "reconstruction"), model.Network.call(Expected(name, "x")), Tolerance);
    }

    [Theory]
    [InlineData("s-f8c12")]
    [InlineData("tiny-f8c4-quant")]
    public void ONNX_Runtime_gives_them_after_the_export(string name)
    {
        using var folder = new TemporaryFolder();
        using var imported = WeightImporter.Import(Fixture($"{name}.safetensors"));
        OnnxExporter.Export(imported.Network, imported.Config, folder.At("model"));
        using var model = LiteVaeModel.Load(folder.At("model"));

        var x = Expected(name, "x");
        var images = new PixelTensor((int)x.shape[0], (int)x.shape[2], (int)x.shape[3]);
        x.data<float>().ToArray().CopyTo(images.Data, 0);
        var posterior = model.Encode(images);
        Golden.AssertClose(Expected(name, "moments"), tensor(posterior.Moments, Expected(name, "moments").shape), Tolerance);
        var back = model.Decode(posterior.Means(), posterior.Count, posterior.Height, posterior.Width);
        Golden.AssertClose(Expected(name, "reconstruction"), tensor(back.Data, x.shape), Tolerance);
    }

    [Theory]
    [InlineData("s-f8c12")]
    [InlineData("tiny-f8c4-quant")]
    public void The_architecture_told_from_the_shapes_is_the_one_of_the_config_file(string name)
    {
        using var inferred = WeightImporter.Import(Fixture($"{name}.safetensors"));
        using var configured = WeightImporter.Import(Fixture($"{name}.safetensors"), Fixture($"{name}.config.json"));
        Assert.Null(inferred.ConfigFile);
        Assert.Equal(Fixture($"{name}.config.json"), configured.ConfigFile);
        Assert.Equal(configured.Config.ToJson(), inferred.Config.ToJson());
        Assert.Equal(name == "s-f8c12" ? 12 : 4, inferred.Config.LatentChannels);
    }

    private static string Fixture(string file) => SharedData.PathOrSkip($"fixtures/open-litevae/{file}");

    private static Tensor Expected(string name, string what) => Golden.Read(Fixture($"{name}.io.safetensors"), what);
}
