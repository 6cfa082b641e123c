using System.Diagnostics;
using System.Text.Json;
using LiteVae.Tests;
using LiteVae.Tests.Shared;

namespace LiteVae.Cli.Tests.Commands;

/// <summary>Training by several processes, started as a user does.</summary>
public sealed class ParallelTrainTests : IDisposable
{
    // The decoder ends in pixels: of the last bias of one that ends in sub-bands, the gradient may cancel down to rounding, which Adam then makes much of.
    private const string TinyOptions =
        """
        {
          "Architecture": {
            "LatentChannels": 4,
            "Encoder": { "Extractor": { "Width": 4, "Multipliers": [1] }, "Aggregator": { "Width": 4, "Multipliers": [1] } },
            "Decoder": { "Width": 4, "Multipliers": [1, 1, 1, 1], "BlocksPerLevel": 1, "Norm": "SelfModulated", "Attention": false, "Output": "Image" }
          },
          "Stages": [{ "Resolution": 32, "Steps": 20, "BatchSize": 4 }],
          "LogEvery": 1, "CheckpointEvery": 5, "SampleEvery": 10
        }
        """;

    private static readonly string Photos = Path.Combine(SharedData.Repository, "samples", "photos");

    private readonly TemporaryFolder _folder = new();
    private readonly string _options;

    public ParallelTrainTests() => _options = _folder.Write("tiny.json", TinyOptions);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Stages[0].Losses.Adversarial=0", 1e-5f)]
    [InlineData("Stages[0].Losses.Adversarial=0.1", 1e-3f)] // of 20 steps of 1e-4: the discriminator's spectral norms see other batches
    public async Task Two_processes_with_half_of_each_batch_train_what_one_with_all_of_it_does(string losses, float tolerance)
    {
        string[] set = ["--set", losses, "Discriminator.Width=16"];
        (await Litevae.Finish(Litevae.Start(Train("one", set)))).Expect(0);
        var two = (await Litevae.Finish(StartTwo(Train("two", ["--json", "-", .. set])))).Expect(0);
        Assert.Single(two.Out.Split('\n'), line => line.Contains("\"checkpoint\"", StringComparison.Ordinal)); // the first process speaks for both

        using var expected = SafetensorsReader.Open(_folder.At("one/checkpoints/step-00000020.safetensors"));
        using var actual = SafetensorsReader.Open(_folder.At("two/checkpoints/step-00000020.safetensors"));
        foreach (var name in expected.Entries.Select(entry => entry.Name).Where(name => name.StartsWith("network.", StringComparison.Ordinal)))
        {
            Assert.All(expected.ReadFloats(name).Zip(actual.ReadFloats(name)), pair => Assert.Equal(pair.First, pair.Second, tolerance));
        }

        var (whole, shared) = (Losses("one"), Losses("two"));
        Assert.Equal(20, shared.Count);
        Assert.All(whole.Zip(shared), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Fact]
    public async Task A_lost_process_ends_the_run_with_an_error_and_a_checkpoint_to_go_on_from()
    {
        var process = StartTwo(Train("run", "--set", "Stages[0].Steps=100000"));
        var log = _folder.At("run/log.jsonl");
        for (var clock = Stopwatch.StartNew(); !File.Exists(log) || File.ReadAllLines(log).Length < 8; await Task.Delay(20))
        {
            Assert.False(process.HasExited, "the training ended before a process could be lost");
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2), "the training made no steps");
        }

        var lost = Process.GetProcessesByName("dotnet").Single(other => Environ(other).Contains("OMPI_COMM_WORLD_RANK=1") && CommandOf(other).Contains(_folder.Root, StringComparison.Ordinal));
        lost.Kill();
        var result = await Litevae.Finish(process);
        Assert.NotEqual(0, result.ExitCode);

        var newest = Directory.GetFiles(_folder.At("run/checkpoints"), "step-*").Order().Last();
        var step = long.Parse(Path.GetFileNameWithoutExtension(newest)[5..], System.Globalization.CultureInfo.InvariantCulture);
        (await Litevae.Finish(Litevae.Start(["train", "--out", _folder.At("run"), "--resume", "--set", $"Stages[0].Steps={step + 2}"]))).Expect(0);
        Assert.Equal(step + 2, Losses("run").Count);
    }

    [Fact]
    public async Task An_image_that_cannot_be_read_is_counted_once_for_all_processes()
    {
        Directory.CreateDirectory(_folder.At("photos"));
        File.Copy(Path.Combine(Photos, "chelsea.jpg"), _folder.At("photos/good.jpg"));
        _folder.Write("photos/bad.jpg", "no image");
        var result = await Litevae.Finish(StartTwo(["train", "--data", _folder.At("photos"), "--out", _folder.At("run"), "--options", _options, "--json", _folder.At("result.json")]));
        Assert.True(result.ExitCode == 1, result.Error);
        var said = JsonDocument.Parse(File.ReadAllText(_folder.At("result.json"))).RootElement;
        Assert.Equal(1, said.GetProperty("failed_images").GetInt32());
        Assert.True(said.GetProperty("finished").GetBoolean());
    }

    [Fact]
    public async Task A_batch_that_cannot_be_shared_is_refused()
    {
        var result = await Litevae.Finish(StartTwo(Train("run", "--set", "Stages[0].BatchSize=3")));
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("Stages[0].BatchSize is 3, which 2 processes in 1 part cannot share equally", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.At("run")));
    }

    private string[] Train(string run, params string[] further) => ["train", "--data", Photos, "--out", _folder.At(run), "--options", _options, .. further];

    private static Process StartTwo(string[] arguments)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/mpirun"), "mpirun is not here: apt-get install openmpi-bin");
        var start = new ProcessStartInfo("mpirun", ["-n", "2", "--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "dotnet", Litevae.Program, .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = AppContext.BaseDirectory,
        };
        start.Environment["OMP_NUM_THREADS"] = "1";
        return Process.Start(start)!;
    }

    private List<double> Losses(string run) =>
        [.. File.ReadAllLines(_folder.At($"{run}/log.jsonl")).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("Losses").GetProperty("Total").GetDouble())];

    private static string[] Environ(Process process) => ReadProc(process, "environ").Split('\0');

    private static string CommandOf(Process process) => ReadProc(process, "cmdline");

    private static string ReadProc(Process process, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{process.Id}/{file}");
        }
        catch (IOException)
        {
            return ""; // it has ended
        }
    }
}
