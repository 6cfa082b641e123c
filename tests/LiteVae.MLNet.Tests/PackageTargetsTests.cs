using System.Diagnostics;
using System.Text.Json;
using LiteVae.Tests.Shared;

namespace LiteVae.Tests;

/// <summary>What the package does in the build of a program that references it.</summary>
public sealed class PackageTargetsTests
{
    [Fact]
    public async Task Shipped_models_keep_their_folders_in_the_output_of_a_program()
    {
        using var package = new TemporaryFolder();
        package.Write("models/some-model/config.json", "{}");
        package.Write("models/some-model/vae_encoder/model.onnx", "");
        package.Write("buildTransitive/LiteVae.MLNet.targets", File.ReadAllText(Path.Combine(SharedData.Repository, "build", "LiteVae.MLNet.targets")));
        var project = package.Write("program.proj", """<Project><Import Project="buildTransitive/LiteVae.MLNet.targets" /></Project>""");

        using var build = Process.Start(new ProcessStartInfo("dotnet", ["msbuild", project, "-getItem:None"]) { RedirectStandardOutput = true })!;
        var output = await build.StandardOutput.ReadToEndAsync();
        await build.WaitForExitAsync();

        var files = JsonDocument.Parse(output).RootElement.GetProperty("Items").GetProperty("None").EnumerateArray().ToList();
        Assert.Equal(
            ["models/some-model/config.json", "models/some-model/vae_encoder/model.onnx"],
            files.Select(file => file.GetProperty("Link").GetString()!.Replace('\\', '/')).Order());
        Assert.All(files, file => Assert.Equal("PreserveNewest", file.GetProperty("CopyToOutputDirectory").GetString()));
    }
}
