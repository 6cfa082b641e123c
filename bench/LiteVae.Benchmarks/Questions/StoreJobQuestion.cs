using System.Diagnostics;
using System.Globalization;

namespace LiteVae.Benchmarks.Questions;

/// <summary>Does an encoding job's memory depend on the number of images, and what does a run cost that finds the job finished?</summary>
internal static class StoreJobQuestion
{
    /// <summary>Name of the command that runs a job in a process of its own.</summary>
    public const string Child = "store-job-child";

    private const int Few = 1_000;
    private const int Many = 50_000;
    private const int Side = 64; // an encoder that is done soon: what is asked for is not its speed

    public static void Answer(Settings settings, Report report)
    {
        using var photos = new SamplePhotos(Side, Side);
        var root = Directory.CreateTempSubdirectory("litevae-bench-").FullName;
        try
        {
            var (few, first) = Run(Few);
            var (many, whole) = Run(Many);
            var (_, again) = Run(Many);
            report.Section(
                "A job's memory and its end",
                $"Peak resident memory of a fresh process that encodes JPEG files of {Side} x {Side} into a store, the samples' photos many times over under different keys. It is to be flat. "
                + "The last row is a fresh process that finds the job finished, from its start to its end; the goal is under 5 seconds.");
            report.Table(
                [">images", ">peak, MB", ">ratio", ">seconds"],
                [[$"{Few}", Cells.Megabytes(few), "", Cells.Number(first, 1)], [$"{Many}", Cells.Megabytes(many), Cells.Number(many / few, 3), Cells.Number(whole, 1)], [$"{Many}, again", "", "", Cells.Number(again, 2)]]);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }

        (double Peak, double Seconds) Run(int images)
        {
            var list = Path.Combine(root, $"{images}.csv");
            File.WriteAllLines(list, ["path,key", .. photos.Cycle(images).Select((path, i) => $"{path},{i:D6}")]);
            var clock = Stopwatch.StartNew();
            var peak = ChildProcess.Run(Child, list, Path.Combine(root, $"{images}"), "--model", settings.Model)[0];
            return (peak, clock.Elapsed.TotalSeconds);
        }
    }

    /// <summary>What the child does; its last line is its peak in bytes.</summary>
    public static void Encode(string list, string store, Settings settings)
    {
        using var model = LiteVaeModel.Load(settings.Model);
        new EncodeJob(model, new EncodeJobOptions { Inputs = [list], Store = store, Sizes = [new ImageSize(Side, Side)] }).Run();
        Console.WriteLine(ChildProcess.Peak().ToString(CultureInfo.InvariantCulture));
    }
}
