using LiteVae.Tests;
using LiteVae.Tests.Shared;

namespace LiteVae.Cli.Tests.Clusters;

/// <summary>The sample for Slurm, under a real Slurm.</summary>
public sealed class SlurmTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static string Script { get; } = Path.Combine(SharedData.Repository, "samples", "slurm", "encode.sbatch");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_array_of_tasks_one_of_them_requeued_makes_the_store_that_one_process_makes()
    {
        SlurmCluster.SkipWhereThereIsNone();
        var (photos, model) = (Photos(240), TinyModels.Write(_folder.At("model")));
        string[] encode = [photos, "--model", model, "--size", "64", "--shard-size", "8"];
        (await Litevae.Run(["encode", .. encode, "--out", _folder.At("alone")])).Expect(0);

        using var cluster = new SlurmCluster();
        var job = cluster.Run(
            "sbatch", ["--parsable", "--array=0-3", "--cpus-per-task=1", $"--output={_folder.At("%a.log")}", $"--export=ALL,LITEVAE=dotnet {Litevae.Program}", Script, .. encode, "--out", _folder.At("array")]).Trim();
        SlurmCluster.Wait("a running task", () => cluster.Run("squeue", "--noheader", "--format=%T", "--jobs", $"{job}_1").Trim() == "RUNNING" || Done(1));
        var requeued = !Done(1);
        if (requeued)
        {
            cluster.Run("scontrol", "requeue", $"{job}_1");
        }

        SlurmCluster.Wait("the end of the array", () =>
        {
            var states = cluster.Run("squeue", "--noheader", "--format=%T", "--jobs", job);
            if (requeued && states.Contains("PENDING", StringComparison.Ordinal))
            {
                cluster.Run("scontrol", "update", $"JobId={job}_1", "StartTime=now"); // Slurm sets it two minutes ahead, and that only when the task has quite ended
            }

            return states.Trim().Length == 0;
        });
        Assert.True(requeued, "the task was done before it could be requeued");
        Assert.True(File.Exists(_folder.At("array/dataset.json")), string.Join("\n", Directory.GetFiles(_folder.Root, "*.log").Select(File.ReadAllText)));
        Assert.Equal(StoreDigest.Of(_folder.At("alone")), StoreDigest.Of(_folder.At("array")));

        bool Done(int task) => File.Exists(_folder.At($"{task}.log")) && File.ReadAllText(_folder.At($"{task}.log")).Contains("images", StringComparison.Ordinal) && cluster.Run("squeue", "--noheader", "--jobs", $"{job}_{task}").Trim().Length == 0;
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)] // done; what failed is recorded
    [InlineData(2, 2)]
    [InlineData(130, 130)]
    public async Task A_task_fails_where_another_start_would_get_further(int litevae, int task)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "runs the script with bash");
        var stub = _folder.Write("litevae", $"exit {litevae}");
        var process = Litevae.StartProgram("bash", [Script, "photos", "--out", "store"], _folder.Root, new() { ["SLURM_ARRAY_TASK_ID"] = "0", ["LITEVAE"] = $"bash {stub}" });
        (await Litevae.Finish(process)).Expect(task);
    }

    private string Photos(int count)
    {
        var files = Directory.GetFiles(Path.Combine(SharedData.Repository, "samples", "photos"), "*.jpg").Order().ToList();
        Directory.CreateDirectory(_folder.At("photos"));
        for (var i = 0; i < count; i++)
        {
            File.CreateSymbolicLink(_folder.At($"photos/{i:D4}.jpg"), files[i % files.Count]);
        }

        return _folder.At("photos");
    }
}
