using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.ML.Runtime;

namespace LiteVae.Training;

/// <summary>Passes on how the training goes, at once and on its thread: to ML.NET's log, and to the user's own receiver. Messages of other threads, as those of images that fail, wait.</summary>
internal sealed class TrainingReports(IChannel channel, IProgress<TrainingProgress>? further) : IProgress<TrainingProgress>
{
    private readonly ConcurrentQueue<string> _warnings = new();

    /// <summary>Takes the message of an image that cannot be read, on any thread.</summary>
    public void AddFailure(string message) => _warnings.Enqueue($"Left out of the training: {message}");

    /// <summary>Takes an early sign that the training goes wrong.</summary>
    public void AddWarning(string message) => _warnings.Enqueue(message);

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        WriteWarnings();
        channel.Info(MessageSensitivity.None, "{0}", string.Create(
            CultureInfo.InvariantCulture,
            $"step {value.StepsDone} of {value.TotalSteps}, loss {value.Losses.Total:0.0000}, PSNR {value.Losses.Psnr:0.0} dB, {value.ImagesPerSecond:0.0} images/s, {value.SecondsLeft:0} s left"));
        further?.Report(value);
    }

    /// <summary>Writes the messages that wait.</summary>
    public void WriteWarnings()
    {
        while (_warnings.TryDequeue(out var message))
        {
            channel.Warning(MessageSensitivity.None, "{0}", message);
        }
    }
}
