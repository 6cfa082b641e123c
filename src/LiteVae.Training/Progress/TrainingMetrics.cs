using System.Diagnostics.Metrics;

namespace LiteVae.Training;

/// <summary>What a training counts for whoever listens: the meter <c>LiteVae.Training</c>, as of the newest line of the log. Names and units are in docs/telemetry.md and stay as they are.</summary>
internal static class TrainingMetrics
{
    private static readonly Meter Meter = new("LiteVae.Training", typeof(TrainingMetrics).Assembly.GetName().Version?.ToString(3));
    private static readonly Counter<long> Images = Meter.CreateCounter<long>("litevae.training.images", "{image}", "Training images that were learned from");
    private static readonly Gauge<long> Step = Meter.CreateGauge<long>("litevae.training.step", "{step}", "Steps done");
    private static readonly Gauge<double> Loss = Meter.CreateGauge<double>("litevae.training.loss", description: "Total loss of the newest batch");
    private static readonly Gauge<double> Psnr = Meter.CreateGauge<double>("litevae.training.psnr", "dB", "PSNR of the newest batch");
    private static readonly Gauge<double> HeldOutPsnr = Meter.CreateGauge<double>("litevae.training.evaluation.psnr", "dB", "PSNR of the averaged weights on the held-out images");

    /// <summary>A line of the log was written.</summary>
    /// <param name="line">The line.</param>
    /// <param name="images">Images since the line before.</param>
    public static void Logged(TrainingProgress line, long images)
    {
        Images.Add(images);
        Step.Record(line.StepsDone);
        Loss.Record(line.Losses.Total);
        Psnr.Record(line.Losses.Psnr);
    }

    /// <summary>The held-out images were evaluated.</summary>
    /// <param name="psnr">dB; null where it could not be measured.</param>
    public static void Evaluated(double? psnr)
    {
        if (psnr is { } value)
        {
            HeldOutPsnr.Record(value);
        }
    }
}
