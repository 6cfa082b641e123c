using System.Diagnostics;
using LiteVae.Tests;
using LiteVae.Tests.Shared;
using LiteVae.Training.Tests.Export;

namespace LiteVae.Training.Tests.Import;

/// <summary>LiteVAE itself against the same networks in PyTorch, samples/python/litevae.py, which loads our files by our tensors' names.</summary>
public sealed class LiteVaeGoldenTests : TorchTest
{
    private static readonly string Folder = Path.Combine(SharedData.Repository, "tests", "LiteVae.Training.Tests", "Import", "golden", "litevae");
    private static readonly string ShippedModel = Path.Combine(SharedData.Repository, "models", "litevae-s-f8c12");

    [Theory]
    [InlineData("group-norm")]
    [InlineData("norm-free")]
    [InlineData("quiet")] // values so small that a wrong epsilon shows
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
        PyTorch(folder.At("model"), folder.At("model/model.safetensors"), folder.At("io.safetensors")).AssertTorchSharp();
    }

    [Fact]
    public void PyTorch_loads_a_weight_file_alone()
    {
        using var folder = new TemporaryFolder();
        using var network = TinyNetwork.Create(TinyNetwork.Architecture(decoder: BlockNorm.SelfModulated));
        OnnxExporter.Export(network, TinyNetwork.Config(network), folder.At("model"));
        File.Move(folder.At("model/model.safetensors"), folder.At("alone.safetensors"));
        PyTorch(folder.At("alone.safetensors"), folder.At("alone.safetensors"), folder.At("io.safetensors")).AssertTorchSharp();
    }

    [Fact]
    public void PyTorch_loads_the_model_that_ships_and_gives_what_its_ONNX_files_give()
    {
        using var folder = new TemporaryFolder();
        var golden = PyTorch(ShippedModel, Path.Combine(ShippedModel, "model.safetensors"), folder.At("io.safetensors"));
        golden.AssertTorchSharp();
        golden.AssertOnnxRuntime(ShippedModel);
    }

    [Fact]
    public void The_Python_program_reconstructs_a_picture_of_any_size_as_the_library_does()
    {
        using var folder = new TemporaryFolder();
        using var model = LiteVaeModel.Load(ShippedModel);
        var photo = ImageDecoder.Decode(Path.Combine(SharedData.Repository, "samples", "photos", "chelsea.jpg")); // 451 x 300
        PngFile.Save(folder.At("photo.png"), photo);
        Assert.Equal("", Run(Python("PIL"), "-B", Path.Combine(SharedData.Repository, "samples", "python", "litevae.py"), ShippedModel, folder.At("photo.png"), folder.At("back.png")));

        var (expected, actual) = (model.Reconstruct(photo), ImageDecoder.Decode(folder.At("back.png")));
        Assert.Equal((expected.Width, expected.Height), (actual.Width, actual.Height));
        var errors = expected.Pixels.Zip(actual.Pixels, (x, y) => Math.Abs(x - y)).ToList();
        Assert.InRange(errors.Max(), 0, 1);                          // a value between two levels may be rounded either way
        Assert.InRange(errors.Sum(), 0, errors.Count / 1000);        // which is rare
    }

    /// <summary>What a model gives in PyTorch, written to a file.</summary>
    private static GoldenWeights PyTorch(string model, string weights, string outputs)
    {
        Assert.Equal("", Run(Python("torch"), "-B", Path.Combine(Folder, "make.py"), model, outputs));
        return new GoldenWeights(weights, outputs);
    }

    /// <summary>A Python with PyTorch, NumPy and a further package; skips where there is none.</summary>
    private static string Python(string package)
    {
        var python = new[] { "python3", "/usr/bin/python3" }.FirstOrDefault(program => Run(program, "-c", $"import numpy, torch, {package}") == "");
        Assert.SkipWhen(python is null, $"needs a python3 with PyTorch and NumPy (and {package})");
        return python;
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
