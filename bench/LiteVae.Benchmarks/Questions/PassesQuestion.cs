using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace LiteVae.Benchmarks.Questions;

/// <summary>Does a process that goes on working grow?</summary>
internal static class PassesQuestion
{
    private const int Passes = 20;

    // ONNX Runtime's arena, the pools and the tiers of compiled code find their size in the first passes.
    private const int Settling = 5;

    private const int Side = 64;

    public static void Answer(Settings settings, Report report)
    {
        using var photos = new SamplePhotos(Side, Side);
        var ml = new MLContext(seed: 0);
        var view = ml.Data.LoadFromEnumerable(photos.Cycle(settings.Images).Select(path => new { Path = path }));
        var pipeline = ml.Transforms.LiteVaeEncode("Latent", "Path", settings.EncodeOptions(Side) with { Output = LatentOutput.Mean })
            .Append(ml.Transforms.LiteVaeDecode("Picture", "Latent", new LiteVaeDecodeOptions { Model = settings.Model, BatchSize = settings.Batch, Threads = settings.Threads }));

        List<string[]> rows = [];
        using (var fitted = pipeline.Fit(view))
        {
            rows.Add(["the same fitted pipeline", .. Watch(() => Read(fitted))]);
        }

        rows.Add(["fitted, read and disposed", .. Watch(() =>
        {
            using var fitted = pipeline.Fit(view);
            Read(fitted);
        })]);

        report.Section(
            "Growth over passes",
            $"{Passes} passes of {settings.Images} files of {Side} x {Side} to latents and back in one process; the managed heap after a full collection, and the resident memory. "
            + $"The slope is that of a line through the passes after the first {Settling}.");
        report.Table(["each pass", $">heap after pass {Settling}, MB", $">after {Passes}", ">slope, kB a pass", $">resident after pass {Settling}, MB", $">after {Passes}", ">slope, kB a pass"], rows);

        void Read(ITransformer fitted)
        {
            foreach (var picture in fitted.Transform(view).GetColumn<MLImage>("Picture"))
            {
                picture.Dispose();
            }
        }
    }

    private static string[] Watch(Action pass)
    {
        var (heap, resident) = (new double[Passes], new double[Passes]);
        for (var i = 0; i < Passes; i++)
        {
            pass();
            GC.Collect();
            GC.WaitForPendingFinalizers();
            heap[i] = GC.GetTotalMemory(forceFullCollection: true);
            using var self = Process.GetCurrentProcess();
            resident[i] = self.WorkingSet64;
        }

        return [.. Grown(heap), .. Grown(resident)];
    }

    private static string[] Grown(double[] bytes) =>
        [Cells.Megabytes(bytes[Settling - 1], 2), Cells.Megabytes(bytes[^1], 2), Cells.Number(Growth.Slope(bytes[Settling..]) / 1000, 1)];
}
