using LiteVae.Tests;
using LiteVae.Tests.Shared;

namespace LiteVae.Cli.Tests;

/// <summary>Who only runs models loads no libtorch.</summary>
public sealed class NoLibtorchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public NoLibtorchTests()
    {
        Directory.CreateDirectory(_folder.At("samples/photos"));
        foreach (var name in new[] { "chelsea.jpg", "coffee.jpg" })
        {
            File.Copy(Path.Combine(SharedData.Repository, "samples", "photos", name), _folder.At($"samples/photos/{name}"));
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_sample_runs_in_a_program_that_references_LiteVae_MLNet_alone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc/self/maps");
        var app = SharedData.App("EncodeOnlyApp");

        var result = (await Litevae.Finish(Litevae.StartDotnet([app], _folder.Root))).Expect(0);

        Assert.Contains("samples/photos/chelsea.jpg: 12288 values", result.Out, StringComparison.Ordinal); // 12 x 32 x 32
        var libraries = result.Out[result.Out.IndexOf("native libraries:", StringComparison.Ordinal)..];
        Assert.Contains("libonnxruntime", libraries, StringComparison.Ordinal); // the list is one
        Assert.DoesNotContain("torch", libraries, StringComparison.OrdinalIgnoreCase);
        var picture = ImageDecoder.Decode(_folder.At("out/coffee.png"));
        Assert.Equal((256, 256), (picture.Width, picture.Height));
        Assert.Empty(Directory.EnumerateFiles(Path.GetDirectoryName(app)!, "*torch*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData(false, "reconstruct", "samples/photos", "--out", "out", "--size", "64")]
    [InlineData(false, "encode", "samples/photos", "--out", "latents", "--size", "64")]
    [InlineData(false, "eval", "samples/photos", "--size", "64")]
    [InlineData(true, "info", "--preset", "S")] // the same look finds it where it is
    public async Task Commands_that_run_models_load_no_libtorch(bool expected, params string[] arguments)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "asks the loader of glibc");
        var log = _folder.At("loader");
        var process = Litevae.StartDotnet([Litevae.Program, .. arguments], _folder.Root, new() { ["LD_DEBUG"] = "files", ["LD_DEBUG_OUTPUT"] = log });
        (await Litevae.Finish(process)).Expect(0);
        var loaded = string.Concat(Directory.EnumerateFiles(_folder.Root, "loader.*").Select(File.ReadAllText));
        Assert.Contains("libcoreclr.so", loaded, StringComparison.Ordinal);
        Assert.Equal(expected, loaded.Contains("libtorch", StringComparison.OrdinalIgnoreCase));
    }
}
