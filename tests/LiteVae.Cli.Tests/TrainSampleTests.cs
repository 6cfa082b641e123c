using LiteVae.Tests;
using LiteVae.Tests.Shared;
using LiteVae.Training;

namespace LiteVae.Cli.Tests;

/// <summary>The sample that trains, for very few steps.</summary>
public sealed class TrainSampleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_sample_trains_shows_its_pictures_and_its_model_serves_the_command_line()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "LITEVAE_LIBTORCH is for Linux");
        var photos = Path.Combine(SharedData.Repository, "samples", "photos");
        var libtorch = new Dictionary<string, string> { [NativeTorch.FolderVariable] = Path.GetDirectoryName(NativeTorch.Find("libtorch_cpu.so"))! };
        var trained = (await Litevae.Finish(Litevae.StartDotnet([SharedData.App("TrainApp"), photos, _folder.At("run"), "3"], _folder.Root, libtorch))).Expect(0);

        Assert.Contains("step 3 of 3, loss ", trained.Out, StringComparison.Ordinal);
        Assert.Equal(
            Directory.GetFiles(photos, "*.jpg").Select(Path.GetFileNameWithoutExtension).Order(),
            Directory.GetFiles(_folder.At("run/pictures"), "*.png").Select(Path.GetFileNameWithoutExtension).Order());
        var info = (await Litevae.Run("info", "--model", _folder.At("run/model"))).Expect(0);
        Assert.StartsWith("run", info.Out, StringComparison.Ordinal); // the model is called as its run
    }

    [Fact]
    public async Task It_says_how_it_is_used() =>
        Assert.Contains("Usage: PHOTOS RUN STEPS", (await Litevae.Finish(Litevae.StartDotnet([SharedData.App("TrainApp")], _folder.Root))).Expect(2).Error, StringComparison.Ordinal);
}
