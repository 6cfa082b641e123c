using System.Diagnostics;
using System.Text.Json;
using LiteVae.Tests;
using LiteVae.Tests.Shared;

namespace LiteVae.Training.Tests.Progress;

/// <summary>The event files, read by read_events.py, which knows nothing of our code, of TorchSharp's message types or of .NET's CRC.</summary>
public sealed class TensorBoardLogTests
{
    [Fact]
    public void Numbers_and_pictures_come_back_with_their_tags_and_steps()
    {
        using var folder = new TemporaryFolder();
        using (var log = new TensorBoardLog(folder.At("tensorboard")))
        {
            log.Scalar("loss/total", 0.75, 0);
            log.Scalar("loss/total", -1e-3, 20);
            log.Scalar("Größe/µ", 3, 5_000_000_000);
            log.Image("samples", Picture(5, 3), 20);
        }

        var shown = Read(folder.At("tensorboard"));
        Assert.Equal(["Größe/µ", "loss/total", "samples"], shown.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([(0, 0.75), (20, (float)-1e-3)], Numbers(shown["loss/total"]));
        Assert.Equal([(5_000_000_000, 3)], Numbers(shown["Größe/µ"]));

        var picture = Assert.Single(shown["samples"].EnumerateArray());
        Assert.Equal((20, 5, 3), (picture[0].GetInt64(), picture[1][0].GetInt32(), picture[1][1].GetInt32()));
        Assert.Equal(Picture(5, 3).Pixels, ImageDecoder.Decode(picture[1][2].GetBytesFromBase64(), "the picture").Pixels);
    }

    [Fact]
    public void Numbers_that_are_not_finite_are_kept_as_such()
    {
        using var folder = new TemporaryFolder();
        using (var log = new TensorBoardLog(folder.Root))
        {
            log.Scalar("a", double.NaN, 1);
            log.Scalar("a", double.NegativeInfinity, 2);
        }

        Assert.Equal(["nan", "-inf"], Read(folder.Root)["a"].EnumerateArray().Select(point => point[1].GetString()));
    }

    [Fact]
    public void A_resumed_run_shows_no_step_twice()
    {
        using var folder = new TemporaryFolder();
        Run(0, 1, 40);    // killed at 40, when the newest checkpoint was of 30
        Run(30, 100, 35); // killed again, before it wrote a checkpoint
        Run(30, 200, 50);

        var expected = Enumerable.Range(1, 30).Select(step => ((long)step, 1.0)).Concat(Enumerable.Range(31, 20).Select(step => ((long)step, 200.0)));
        Assert.Equal(expected, Numbers(Read(folder.Root)["a"]));
        Assert.Equal(3, Directory.GetFiles(folder.Root).Length);

        void Run(int stepsDone, double value, int end)
        {
            using var log = new TensorBoardLog(folder.Root, stepsDone);
            for (var step = stepsDone + 1; step <= end; step++)
            {
                log.Scalar("a", value, step);
            }
        }
    }

    [Fact]
    public void A_run_that_begins_anew_in_the_folder_shows_nothing_of_the_one_before()
    {
        using var folder = new TemporaryFolder();
        foreach (var value in new[] { 1, 2 })
        {
            using var log = new TensorBoardLog(folder.Root);
            log.Scalar("a", value, 0);
        }

        Assert.Equal([(0, 2)], Numbers(Read(folder.Root)["a"]));
    }

    [Fact]
    public void What_was_flushed_is_there_while_the_run_goes_on()
    {
        using var folder = new TemporaryFolder();
        using var log = new TensorBoardLog(folder.Root);
        log.Scalar("a", 1, 1);
        log.Flush();

        Assert.Equal([(1, 1)], Numbers(Read(folder.Root)["a"]));
    }

    [Fact]
    public void Steps_below_zero_are_refused()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<ArgumentOutOfRangeException>(() => new TensorBoardLog(folder.Root, -1));
        using var log = new TensorBoardLog(folder.Root);
        Assert.Throws<ArgumentOutOfRangeException>(() => log.Scalar("a", 1, -1));
    }

    private static RgbImage Picture(int width, int height) => new(width, height, [.. Enumerable.Range(0, width * height * 3).Select(i => (byte)(5 * i))]);

    private static IEnumerable<(long Step, double Value)> Numbers(JsonElement points) => points.EnumerateArray().Select(point => (point[0].GetInt64(), point[1].GetDouble()));

    private static Dictionary<string, JsonElement> Read(string folder)
    {
        var reader = Path.Combine(SharedData.Repository, "tests", "LiteVae.Training.Tests", "Progress", "read_events.py");
        try
        {
            using var process = Process.Start(new ProcessStartInfo("python3", ["-B", reader, folder]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, error.Result);
            return JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(output)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("needs python3, whose reader of event files shares no code with ours");
            throw;
        }
    }
}
