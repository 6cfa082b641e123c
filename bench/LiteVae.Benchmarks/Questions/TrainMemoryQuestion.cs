using System.Diagnostics;
using LiteVae.Training;
using TorchSharp;

namespace LiteVae.Benchmarks.Questions;

/// <summary>Does a training that goes on grow, in memory that .NET sees or in libtorch's?</summary>
internal static class TrainMemoryQuestion
{
    private const int Steps = 2000;
    private const int Every = 100;

    // Pools, the threads' heaps and the tiers of compiled code find their size in the first steps.
    private const int Settling = 500;

    private static readonly LiteVaeArchitecture Tiny = new()
    {
        LatentChannels = 4,
        Encoder = new LiteVaeEncoderShape { Extractor = new UNetShape(8, [1]), Aggregator = new UNetShape(8, [1]) },
        Decoder = LiteVaePreset.CompactDecoder with { Width = 8, Multipliers = [1, 1, 1], BlocksPerLevel = 1 },
    };

    public static void Answer(Settings settings, Report report)
    {
        var trainings = new (string Name, List<Sample> Samples)[]
        {
            ("tiny network, 32 px, batch 1", Train(TrainingRig.Options(resolution: 32, batch: 1, Tiny), settings)),
            ("S, compact decoder, 32 px, batch 1", Train(TrainingRig.Options(resolution: 32, batch: 1), settings)),
        };

        report.Section(
            "Growth over training steps",
            $"`LiteVaeTrainer` for {Steps} steps in this process, one training after the other, with log, pictures and checkpoints; looked at every {Every} steps, without a collection. "
            + $"The slope is that of a line through what was seen after step {Settling}; .NET's heap is what it has committed, within the resident memory.");
        report.Table(
            ["training", $">resident after {Settling}, MB", $">after {Steps}", ">slope, kB a step", $">heap after {Settling}, MB", $">after {Steps}", ">slope, kB a step", $">tensors after {Settling}", $">after {Steps}"],
            trainings.Select(training => Row(training.Name, [.. training.Samples.Where(sample => sample.Step >= Settling)])));

        report.Section("The same, step by step", "Resident memory, MB.");
        report.Table(
            [">step", .. trainings.Select(training => $">{training.Name}")],
            trainings[0].Samples.Select((sample, i) => (string[])[$"{sample.Step}", .. trainings.Select(training => Cells.Megabytes(training.Samples[i].Resident))]));
    }

    private static List<Sample> Train(LiteVaeTrainerOptions options, Settings settings)
    {
        var folder = Directory.CreateTempSubdirectory("litevae-bench-").FullName;
        try
        {
            torch.set_num_threads(settings.TrainingThreads);
            var watch = new Watch();
            new LiteVaeTrainer(options with { Data = settings.Data, Output = folder, Stages = [options.Stages[0] with { Steps = Steps }], LogEvery = Every }).Train(progress: watch);
            return watch.Samples;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string[] Row(string name, Sample[] samples) =>
    [
        name,
        .. Grown([.. samples.Select(sample => (double)sample.Resident)]),
        .. Grown([.. samples.Select(sample => (double)sample.Heap)]),
        $"{samples[0].Tensors}",
        $"{samples[^1].Tensors}",
    ];

    private static string[] Grown(double[] bytes) => [Cells.Megabytes(bytes[0]), Cells.Megabytes(bytes[^1]), Cells.Number(Growth.Slope(bytes) / Every / 1000, 2)];

    /// <summary>What the training has at a step.</summary>
    /// <param name="Step">Steps done.</param>
    /// <param name="Resident">The process's resident memory, bytes.</param>
    /// <param name="Heap">What .NET's collector has committed, bytes.</param>
    /// <param name="Tensors">Tensors of the training's thread that are not disposed.</param>
    private sealed record Sample(long Step, long Resident, long Heap, long Tensors);

    private sealed class Watch : IProgress<TrainingProgress>
    {
        public List<Sample> Samples { get; } = [];

        public void Report(TrainingProgress value)
        {
            using var self = Process.GetCurrentProcess();
            Samples.Add(new Sample(value.StepsDone, self.WorkingSet64, GC.GetGCMemoryInfo().TotalCommittedBytes, DisposeScopeManager.Statistics.ThreadTotalLiveCount));
        }
    }
}
