using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace LiteVae;

/// <summary>What this library counts for whoever listens: the meter <c>LiteVae.MLNet</c>. Names, units and tags are in docs/telemetry.md and stay as they are.</summary>
internal static class ModelMetrics
{
    /// <summary>The encoder emitted values that the store's element type does not hold.</summary>
    public const string Overflow = "overflow";

    /// <summary>The source was found to be bad when the store was planned: its key is another's, or its archive is broken.</summary>
    public const string Planned = "planned";

    private const string Operation = "litevae.operation";
    private const string Model = "litevae.model";
    private const string ErrorType = "error.type"; // as OpenTelemetry has it

    private static readonly Meter Meter = new("LiteVae.MLNet", typeof(ModelMetrics).Assembly.GetName().Version?.ToString(3));
    private static readonly Counter<long> Images = Meter.CreateCounter<long>("litevae.images", "{image}", "Images that went through the encoder or the decoder");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("litevae.run.duration", "s", "Time of one run of the encoder or the decoder over a batch");
    private static readonly Counter<long> Failures = Meter.CreateCounter<long>("litevae.images.failed", "{image}", "Images or latents that could not be read, encoded or decoded");

    /// <summary>The encoder has run.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="images">Images of the batch.</param>
    /// <param name="started">When, as <see cref="Stopwatch.GetTimestamp"/> has it.</param>
    public static void Encoded(string model, int images, long started) => Ran("encode", model, images, started);

    /// <summary>The decoder has run.</summary>
    /// <inheritdoc cref="Encoded"/>
    public static void Decoded(string model, int images, long started) => Ran("decode", model, images, started);

    /// <summary>An image has failed.</summary>
    /// <param name="errorType">The exception's type, or one of this class's names: few values, for they become series.</param>
    public static void Failed(string errorType) => Failures.Add(1, new KeyValuePair<string, object?>(ErrorType, errorType));

    private static void Ran(string operation, string model, int images, long started)
    {
        var tags = new TagList { { Operation, operation }, { Model, model } };
        Images.Add(images, tags);
        Duration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, tags);
    }
}
