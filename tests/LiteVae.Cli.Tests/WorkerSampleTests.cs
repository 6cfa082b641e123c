using LiteVae.Tests;
using LiteVae.Tests.Shared;

namespace LiteVae.Cli.Tests;

/// <summary>The sample of a worker service, as its reader runs it.</summary>
public sealed class WorkerSampleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_fills_a_store_and_logs_failures_and_counts()
    {
        foreach (var name in new[] { "coffee.jpg", "chelsea.jpg" })
        {
            File.Copy(Path.Combine(SharedData.Repository, "samples", "photos", name), Path.Combine(Directory.CreateDirectory(_folder.At("photos")).FullName, name));
        }

        _folder.Write("photos/broken.png", "no picture");
        var said = (await Run("--photos", _folder.At("photos"), "--store", _folder.At("store"))).Expect(0).Out;
        Assert.Contains("broken.png: ", said, StringComparison.Ordinal);
        Assert.Contains("2 images are in the store, 1 failed", said, StringComparison.Ordinal);
        Assert.Contains("litevae.images litevae.operation=encode litevae.model=litevae-s-f8c12: 2", said, StringComparison.Ordinal);
        Assert.Contains("litevae.images.failed error.type=InvalidDataException: 1", said, StringComparison.Ordinal);
        using var store = LatentStore.Open(_folder.At("store"));
        Assert.Equal((2, 1), (store.Count, store.Failed));
    }

    [Fact]
    public async Task It_runs_as_its_first_lines_say()
    {
        var said = (await Litevae.Finish(Litevae.StartDotnet(["run", "samples/06-worker.cs", "--", "--photos", "samples/photos", "--store", _folder.At("store")], SharedData.Repository))).Expect(0).Out;
        Assert.Contains("8 images are in the store, 0 failed", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_says_what_is_missing() =>
        Assert.Contains("Say where the latents go: --store FOLDER.", (await Run("--photos", _folder.Root)).Expect(1).Out, StringComparison.Ordinal);

    private static Task<Litevae.Result> Run(params string[] arguments) =>
        Litevae.Finish(Litevae.StartDotnet([SharedData.App("WorkerApp"), .. arguments], SharedData.Repository));
}
