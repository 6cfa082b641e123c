using System.Text.Json;
using LiteVae.Tests.Shared;

namespace LiteVae.Cli.Tests;

/// <summary>Which native packages the program is built with: asked of the real build, since a GPU's cannot be restored everywhere.</summary>
public sealed class AcceleratorTests
{
    private static readonly string Project = Path.Combine(SharedData.Repository, "src", "LiteVae.Cli", "LiteVae.Cli.csproj");

    [Theory]
    [InlineData("cpu", "Microsoft.ML.OnnxRuntime", "libtorch-cpu-linux-x64")]
    [InlineData("cuda", "Microsoft.ML.OnnxRuntime.Gpu", "TorchSharp-cuda-linux")]
    [InlineData("none", "Microsoft.ML.OnnxRuntime")]
    public async Task The_accelerator_chooses_the_native_packages(string accelerator, params string[] expected)
    {
        var output = await MSBuild(0, Project, "-getItem:PackageReference", $"-p:Accelerator={accelerator}", "-p:RuntimeIdentifier=linux-x64");
        var packages = JsonDocument.Parse(output).RootElement.GetProperty("Items").GetProperty("PackageReference").EnumerateArray().Select(item => item.GetProperty("Identity").GetString()!);
        string[] native = ["Microsoft.ML.OnnxRuntime", "Microsoft.ML.OnnxRuntime.Gpu", "TorchSharp-cuda-linux", "TorchSharp-cuda-windows", "libtorch-cpu-linux-x64", "libtorch-cpu-win-x64", "libtorch-cpu-osx-arm64"];
        Assert.Equal(expected.Order(), packages.Intersect(native).Order());
    }

    [Fact]
    public async Task An_unknown_accelerator_is_refused()
    {
        var output = await MSBuild(1, Project, "-t:CheckAccelerator", "-p:Accelerator=tpu");
        Assert.Contains("Accelerator is 'tpu': use cpu, cuda or none.", output, StringComparison.Ordinal);
    }

    private static async Task<string> MSBuild(int exitCode, params string[] arguments) =>
        (await Litevae.Finish(Litevae.StartDotnet(["msbuild", .. arguments], SharedData.Repository))).Expect(exitCode).Out;
}
