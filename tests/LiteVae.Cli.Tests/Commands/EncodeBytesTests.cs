using LiteVae.Tests;

namespace LiteVae.Cli.Tests.Commands;

/// <summary>The bytes of a store do not depend on how it was made.</summary>
public sealed class EncodeBytesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public EncodeBytesTests() => PhotoCrops.Write(_folder.At("photos"), 100);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Batch_threads_tasks_and_their_order_do_not_change_a_byte()
    {
        File.WriteAllText(_folder.At("photos/00/broken.jpg"), "no image");
        var digest = await Made("one", "--batch", "8");
        Assert.Equal(digest, await Made("three at once", "--batch", "3"));
        Assert.Equal(digest, await Made("threads", new Dictionary<string, string> { ["OMP_NUM_THREADS"] = "2", ["DOTNET_PROCESSOR_COUNT"] = "7" }, "--batch", "1"));

        // tasks in the wrong order, the one of a Slurm array, the other of a Kubernetes job
        (await Encode("tasks", new() { ["SLURM_ARRAY_TASK_ID"] = "7", ["SLURM_ARRAY_TASK_MIN"] = "3", ["SLURM_ARRAY_TASK_STEP"] = "2", ["SLURM_ARRAY_TASK_COUNT"] = "3" })).Expect(1); // has the broken one
        Assert.False(File.Exists(_folder.At("tasks/dataset.json")));
        (await Encode("tasks", new() { ["JOB_COMPLETION_INDEX"] = "0" }, "--tasks", "3")).Expect(0);
        Assert.Equal(digest, await Made("tasks", "--task", "1/3", "--batch", "5"));
    }

    [Fact]
    public async Task The_default_model_too_gives_the_same_bytes_for_any_batch()
    {
        var digests = new HashSet<string>();
        foreach (var batch in new[] { "1", "3" })
        {
            (await Litevae.Run("encode", _folder.At("photos/00/00000.jpg"), _folder.At("photos/00/00001.jpg"), _folder.At("photos/00/00002.jpg"), _folder.At("photos/00/00003.jpg"), "--out", _folder.At(batch), "--size", "64", "--dtype", "f32", "--batch", batch)).Expect(0);
            digests.Add(StoreDigest.Of(_folder.At(batch)));
        }

        Assert.Single(digests);
    }

    [Fact]
    public async Task Two_tasks_of_the_same_number_at_once_make_one_store()
    {
        var digest = await Made("one");
        var both = Enumerable.Range(0, 2).Select(_ => Encode("both", [])).ToArray();
        foreach (var result in await Task.WhenAll(both))
        {
            result.Expect(0);
        }

        Assert.Equal(digest, StoreDigest.Of(_folder.At("both")));
        Assert.Single(Directory.GetFiles(_folder.At("both"), StorePaths.SourcesPattern));
    }

    private Task<string> Made(string store, params string[] options) => Made(store, [], options);

    private async Task<string> Made(string store, Dictionary<string, string> environment, params string[] options)
    {
        var result = await Encode(store, environment, options);
        Assert.True(result.ExitCode < 2, result.Error);
        Assert.True(File.Exists(_folder.At($"{store}/dataset.json")), result.Error);
        return StoreDigest.Of(_folder.At(store));
    }

    private Task<Litevae.Result> Encode(string store, Dictionary<string, string> environment, params string[] options) =>
        Litevae.Run(["encode", _folder.At("photos"), "--out", _folder.At(store), "--buckets", "32x32,48x24,24x48", "--flip", "--shard-size", "20", "--model", TinyModels.Write(_folder.At("model")), .. options], environment);
}
