using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using LiteVae.Tests.Images;
using Microsoft.ML;

namespace LiteVae.Tests.Inference;

[Collection(nameof(Transforms.AloneInTheProcess))] // a meter is the process's own
public sealed class ModelMetricsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, double> _totals = new();
    private readonly string _photos;

    public ModelMetricsTests()
    {
        foreach (var name in new[] { "a", "b", "c" })
        {
            Pictures.Gradient(20, 20).SavePng(_folder.At($"photos/{name}.png"));
        }

        _folder.Write("photos/broken.jpg", "no picture");
        _photos = _folder.At("photos");
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "LiteVae.MLNet")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_job_counts_images_and_failures_by_their_reason()
    {
        using var model = LiteVaeModel.Load(TinyModels.Write(_folder.At("model")));
        new EncodeJob(model, new EncodeJobOptions { Inputs = [_photos], Store = _folder.At("store"), Sizes = [new ImageSize(16, 16)], BatchSize = 2 }).Run();
        Assert.Equal(3, _totals["litevae.images encode tiny"]);
        Assert.Equal(1, _totals["litevae.images.failed InvalidDataException"]);
        Assert.InRange(_totals["litevae.run.duration encode tiny"], 1e-9, 60); // seconds
        Assert.Equal(3, _totals.Count);
    }

    [Fact]
    public void A_pipeline_counts_what_goes_through_it_and_its_bad_rows()
    {
        var ml = new MLContext();
        var paths = Directory.GetFiles(_photos).Order(StringComparer.Ordinal).Append(_folder.At("absent.png")).Select(path => new { Path = path });
        using var pipeline = ml.Transforms.LiteVaeEncode("Latent", "Path", new LiteVaeEncodeOptions { Model = TinyModels.Write(_folder.At("model")), Width = 16, Height = 16, OnError = OnRowError.Missing })
            .Append(ml.Transforms.LiteVaeDecode("Picture", "Latent", new LiteVaeDecodeOptions { Model = _folder.At("model"), OnError = OnRowError.Missing }))
            .Fit(ml.Data.LoadFromEnumerable(paths));
        var rows = pipeline.Transform(ml.Data.LoadFromEnumerable(paths));
        using (var cursor = rows.GetRowCursor(rows.Schema))
        {
            var picture = cursor.GetGetter<Microsoft.ML.Data.MLImage>(rows.Schema["Picture"]);
            Microsoft.ML.Data.MLImage? value = null;
            while (cursor.MoveNext())
            {
                picture(ref value!);
                value?.Dispose();
                value = null;
            }
        }

        Assert.Equal(3, _totals["litevae.images encode tiny"]);
        Assert.Equal(3, _totals["litevae.images decode tiny"]);
        Assert.Equal(1, _totals["litevae.images.failed FileNotFoundException"]);
        Assert.True(_totals["litevae.images.failed InvalidDataException"] >= 1); // the broken file, and the latents that are missing by then
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _totals.AddOrUpdate($"{instrument.Name} {string.Join(' ', tags.ToArray().Select(tag => tag.Value))}", value, (_, sum) => sum + value);
}
