using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using LiteVae.Tests;

namespace LiteVae.Training.Tests.Progress;

[Collection(nameof(Estimator.AloneWithTorch))] // a meter is the process's own
public sealed class TrainingMetricsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_tells_its_images_its_step_and_its_losses()
    {
        var seen = new ConcurrentDictionary<string, List<double>>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "LiteVae.Training")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => seen.GetOrAdd(instrument.Name, _ => []).Add(value));
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => seen.GetOrAdd(instrument.Name, _ => []).Add(value));
        listener.Start();

        var data = TrainingPictures.Write(_folder);
        var log = new List<TrainingProgress>();
        new LiteVaeTrainer(TrainingPictures.Options(_folder) with { Evaluation = new EvaluationOptions { Data = data, Every = 10, Size = 32, Images = 3 } })
            .Train(progress: new Heard(log));

        Assert.Equal((6 * 2) + (4 * 1), seen["litevae.training.images"].Sum());
        Assert.Equal(log.Select(line => (double)line.StepsDone), seen["litevae.training.step"]);
        Assert.Equal(log.Select(line => line.Losses.Total), seen["litevae.training.loss"]);
        Assert.Equal(log.Select(line => line.Losses.Psnr), seen["litevae.training.psnr"]);
        Assert.Single(seen["litevae.training.evaluation.psnr"]);
    }

    private sealed class Heard(List<TrainingProgress> log) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => log.Add(value);
    }
}
