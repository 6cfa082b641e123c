using LiteVae.Tests;
using LiteVae.Tests.Shared;
using LiteVae.Training;

namespace LiteVae.Cli.Tests;

/// <summary>A program that calls TorchSharp before anything of ours, with the libtorch of somebody else.</summary>
public sealed class TorchFirstTests
{
    [Fact]
    public async Task TorchSharp_works_at_its_first_call_with_the_libtorch_that_the_variable_names()
    {
        var result = await Run(Path.GetDirectoryName(NativeTorch.Find("libtorch_cpu.so"))!);
        Assert.Contains("sum 3", result.Expect(0).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_libtorch_is_no_libtorch()
    {
        using var folder = new TemporaryFolder();
        var result = await Run(folder.Root);
        Assert.NotEqual(0, result.ExitCode); // the same program does need the folder
    }

    private static Task<Litevae.Result> Run(string libtorch)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the variable is for Linux");
        return Litevae.Finish(Litevae.StartDotnet([SharedData.App("TorchFirstApp")], Path.GetTempPath(), new() { [NativeTorch.FolderVariable] = libtorch }));
    }
}
