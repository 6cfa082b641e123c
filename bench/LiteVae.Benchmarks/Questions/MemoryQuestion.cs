using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace LiteVae.Benchmarks.Questions;

/// <summary>Does the memory depend on the number of rows?</summary>
internal static class MemoryQuestion
{
    /// <summary>Name of the command that reads rows in a process of its own.</summary>
    public const string Child = "memory-child";

    private const int Side = 64;
    private const int FewRows = 1000;
    private const int ManyRows = 10_000;

    public static void Answer(Settings settings, Report report)
    {
        var (few, many) = (PeakOf(FewRows, settings), PeakOf(ManyRows, settings));
        report.Section(
            "Memory against rows",
            $"Peak resident memory of a fresh process that encodes images of {Side} x {Side}, made one at a time and kept by nobody, on one thread unless `--threads` says otherwise. The goal is that ten times the rows take no more than 1.10 times the memory.");
        report.Table(
            [">rows", ">peak, MB", ">ratio"],
            [[$"{FewRows}", Cells.Megabytes(few), ""], [$"{ManyRows}", Cells.Megabytes(many), Cells.Number((double)many / few, 3)]]);
    }

    /// <summary>What the child does; its last line is its peak in bytes.</summary>
    public static void Read(int rows, Settings settings)
    {
        var ml = new MLContext(seed: 0);
        var view = ml.Data.LoadFromEnumerable(Rows(rows));
        using var encoder = ml.Transforms.LiteVaeEncode("Moments", "Image", settings.EncodeOptions(Side)).Fit(view);
        Vectors.Read(encoder.Transform(view), "Moments", rows);
        using var self = Process.GetCurrentProcess();
        Console.WriteLine(self.PeakWorkingSet64.ToString(CultureInfo.InvariantCulture));
    }

    private static long PeakOf(int rows, Settings settings)
    {
        var program = Path.Combine(AppContext.BaseDirectory, typeof(MemoryQuestion).Assembly.GetName().Name + (OperatingSystem.IsWindows() ? ".exe" : ""));

        // One thread, where nothing else was asked for: the question is not about time, and on a busy machine threads wait for one another.
        string[] arguments = [Child, $"{rows}", "--model", settings.Model, "--batch", $"{settings.Batch}", "--threads", $"{settings.Threads ?? 1}"];
        using var child = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return child.ExitCode == 0
            ? long.Parse(output.AsSpan().Trim(), CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"The process that reads {rows} rows ended with {child.ExitCode}.");
    }

    /// <summary>Images of noise, each alive until the next is asked for.</summary>
    private static IEnumerable<ImageRow> Rows(int count)
    {
        var random = new Random(0);
        var pixels = new byte[4 * Side * Side];
        for (var i = 0; i < count; i++)
        {
            random.NextBytes(pixels);
            using var image = MLImage.CreateFromPixels(Side, Side, MLPixelFormat.Bgra32, pixels);
            yield return new ImageRow { Image = image };
        }
    }

    private sealed class ImageRow
    {
        [ImageType(Side, Side)]
        public MLImage Image { get; set; } = null!;
    }
}
