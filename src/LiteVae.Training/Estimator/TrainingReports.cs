using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.ML.Runtime;

namespace LiteVae.Training;

/// <summary>Passes on how the training goes, at once and on its thread: to ML.NET's log, and to the user's own receiver. Images fail on other threads, so their messages wait.</summary>
internal sealed class TrainingReports(IChannel channel, IProgress<TrainingProgress>? further) : IProgress<TrainingProgress>
{
    private readonly ConcurrentQueue<string> _failures = new();

    /// <summary>Takes the message of an image that cannot be read, on any thread.</summary>
    public void AddFailure(string message) => _failures.Enqueue(message);

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        WriteFailures();
        channel.Info(MessageSensitivity.None, "{0}", string.Create(
            CultureInfo.InvariantCulture,
            $"step {value.StepsDone} of {value.TotalSteps}, loss {value.Losses.Total:0.0000}, PSNR {value.Losses.Psnr:0.0} dB, {value.ImagesPerSecond:0.0} images/s, {value.SecondsLeft:0} s left"));
        further?.Report(value);
    }

    /// <summary>Writes the messages that wait.</summary>
    public void WriteFailures()
    {
        while (_failures.TryDequeue(out var message))
        {
            channel.Warning(MessageSensitivity.None, "{0}", $"Left out of the training: {message}");
        }
    }
}
