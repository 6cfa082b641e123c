using System.Diagnostics;
using LiteVae.Tests;
using LiteVae.Tests.Shared;
using LiteVae.Training.Tests.Export;

namespace LiteVae.Training.Tests.Import;

/// <summary>LiteVAE itself against the same networks in PyTorch, samples/python/litevae.py, which loads our files by our tensors' names.</summary>
public sealed class LiteVaeGoldenTests : TorchTest
{
    private static readonly string Folder = Path.Combine(SharedData.Repository, "tests", "LiteVae.Training.Tests", "Import", "golden", "litevae");

    [Theory]
    [InlineData("group-norm")]
    [InlineData("norm-free")]
    public void Both_runtimes_give_what_PyTorch_gave(string name)
    {
        var golden = new GoldenWeights(Path.Combine(Folder, name, "model.safetensors"), Path.Combine(Folder, name, "io.safetensors"));
        golden.AssertTorchSharp();
        golden.AssertOnnxRuntime();
    }

    [Theory]
    [MemberData(nameof(ParityTests.Forms), MemberType = typeof(ParityTests))]
    public void PyTorch_loads_what_is_exported_and_gives_the_same(BlockNorm encoder, BlockNorm decoder, bool attention, DecoderOutput output)
    {
        using var folder = new TemporaryFolder();
        using var network = TinyNetwork.Create(TinyNetwork.Architecture(encoder, decoder, attention, output, latentConvolutions: attention, sharedExtractors: !attention));
        OnnxExporter.Export(network, TinyNetwork.Config(network), folder.At("model"));
        AssertAgreement(folder.At("model"), folder.At("io.safetensors"));
    }

    [Fact]
    public void PyTorch_loads_the_model_that_ships_and_gives_the_same()
    {
        using var folder = new TemporaryFolder();
        AssertAgreement(Path.Combine(SharedData.Repository, "models", "litevae-s-f8c12"), folder.At("io.safetensors"));
    }

    private static void AssertAgreement(string model, string outputs)
    {
        var python = new[] { "python3", "/usr/bin/python3" }.FirstOrDefault(program => Run(program, "-c", "import numpy, torch") == "");
        Assert.SkipWhen(python is null, "needs a python3 with PyTorch and NumPy");
        Assert.Equal("", Run(python, "-B", Path.Combine(Folder, "make.py"), model, outputs));
        new GoldenWeights(Path.Combine(model, "model.safetensors"), outputs).AssertTorchSharp();
    }

    /// <summary>What a program said that ended badly; nothing where all went well.</summary>
    private static string Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, Environment = { ["OMP_NUM_THREADS"] = "1" } })!;
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? "" : $"exit code {process.ExitCode}: {error}";
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return e.Message; // there is no such program
        }
    }
}
