using System.Runtime.InteropServices;
using System.Text.Json;
using LiteVae.Training;
using static TorchSharp.torch;

namespace LiteVae.Benchmarks.Questions;

/// <summary>How fast is a training step against the same one in PyTorch?</summary>
internal static class TrainStepQuestion
{
    // Steps that both sides do from the same weights with the same noise before they are timed, and how far what they measure may differ: 4 digits are the same step.
    private const int Compared = 5;
    private const double Tolerance = 1e-4;

    private const string Heading = "A training step against PyTorch";

    public static void Answer(Settings settings, Report report)
    {
        if (PyTorchChild.Find(settings.Python) is not { } found)
        {
            report.Section(Heading, $"Skipped: {settings.Python ?? "neither python3 nor /usr/bin/python3"} is no Python with PyTorch and NumPy; `--python` names one.");
            return;
        }

        var threads = settings.TrainingThreads;
        List<string[]> rows =
        [
            Row("S, compact decoder", TrainingRig.Options(resolution: 64, batch: 4)),
            Row("S, compact decoder", TrainingRig.Options(resolution: 128, batch: 4)),
            Row("B, paper's decoder", TrainingRig.Options(resolution: 64, batch: 1, LiteVaePreset.Get("B", 12))),
        ];

        report.Section(
            Heading,
            $"Forward, losses (L1, KL, wavelet, Gaussian), backward, clipping, Adam and running average on a batch that lies ready, 32-bit floats, {threads} threads: TorchSharp {typeof(Tensor).Assembly.GetName().Version!.ToString(3)} "
            + $"on its libtorch against PyTorch {found.Version}, whose Adam goes parameter by parameter (`foreach=False`); steps a round: {settings.Steps}. Before, both did {Compared} steps from the same weights with the same noise; "
            + $"the last column is the largest difference in any step's losses, gradient norm and distance of average and weights, which is refused from {Tolerance} on.");
        report.Table(["network", ">pixels", ">batch", ">C#, ms a step", ">PyTorch, ms a step", ">ratio", ">middle half", ">differs by"], rows);

        string[] Row(string network, LiteVaeTrainerOptions options)
        {
            var (side, count) = (options.Stages[0].Resolution, options.Stages[0].BatchSize);
            using var rig = new TrainingRig(options, threads);
            using var photos = new SamplePhotos(side, side);
            var batch = Batch(photos.Cycle(count), count, side);
            var folder = Directory.CreateTempSubdirectory("litevae-bench-").FullName;
            try
            {
                Write(folder, options, rig, batch);
                using var child = new PyTorchChild(found.Python, folder, threads);
                var difference = Compare(rig, batch, child);
                var timing = PairedTiming.Measure(() => Ours(settings.Steps), () => child.Ask($"steps {settings.Steps}", lines: 1), settings.Rounds);
                return [network, $"{side}", $"{count}", .. Cells.Of(timing, settings.Steps), $"{difference:0E-0}"];
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }

            void Ours(int steps)
            {
                for (var i = 0; i < steps; i++)
                {
                    rig.Step(batch);
                }
            }
        }
    }

    private static PixelTensor Batch(IEnumerable<string> paths, int count, int side)
    {
        var batch = new PixelTensor(count, side, side);
        foreach (var (i, path) in paths.Index())
        {
            batch.Set(i, ImageDecoder.Decode(path));
        }

        return batch;
    }

    /// <summary>Writes what the Python side needs.</summary>
    private static void Write(string folder, LiteVaeTrainerOptions options, TrainingRig rig, PixelTensor batch)
    {
        using var scope = NewDisposeScope();
        File.WriteAllText(Path.Combine(folder, "options.json"), options.ToJson());
        File.WriteAllText(Path.Combine(folder, "config.json"), RunExport.Config("bench", options.Architecture).ToJson());
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), [.. rig.Network.named_parameters().Select(p => Tensor(p.name, p.parameter))]);
        SafetensorsWriter.Write(Path.Combine(folder, "batch.safetensors"),
        [
            SafetensorsTensor.FromFloats("images", [batch.Count, 3, batch.Height, batch.Width], batch.Data),
            Tensor("noise", rig.Noise(Compared)),
        ]);

        static SafetensorsTensor Tensor(string name, Tensor tensor) =>
            SafetensorsTensor.FromFloats(name, tensor.shape, MemoryMarshal.Cast<byte, float>(tensor.detach().contiguous().bytes));
    }

    /// <summary>Refuses to time what does not do the same; the largest difference.</summary>
    private static double Compare(TrainingRig rig, PixelTensor batch, PyTorchChild child)
    {
        var ours = Enumerable.Range(0, Compared).Select(_ => StepFigures.Of(rig.Step(batch), rig.Lag)).ToList();
        var theirs = child.Ask($"compare {Compared}", Compared).Select(line => JsonSerializer.Deserialize<StepFigures>(line)!).ToList();
        var difference = ours.Zip(theirs, (one, other) => one.DifferenceFrom(other)).Max();
        return difference < Tolerance
            ? difference
            : throw new InvalidDataException($"The two ways are no same step: their figures differ by {difference:G2} of themselves.\nours   {string.Join("\n       ", ours)}\ntheirs {string.Join("\n       ", theirs)}");
    }
}
