using Microsoft.ML;
using Microsoft.ML.Data;

namespace LiteVae;

/// <summary>Images of a batch -> latents.</summary>
internal sealed class EncodeWorker : IBatchWorker
{
    private readonly ModelUse _model;
    private readonly LiteVaeEncodeOptions _options;
    private readonly LatentScaling? _scaling;
    private readonly int _missingLength;
    private readonly ImageBatch _images;
    private readonly Func<UInt128> _key;
    private readonly UInt128[] _keys;
    private readonly (Posterior Posterior, int Index)[] _results;

    /// <summary>A worker that reads images from a column.</summary>
    /// <param name="model">The model; the worker disposes it.</param>
    /// <param name="config">The model's config.</param>
    /// <param name="options">What to make of an image.</param>
    /// <param name="outputLength">Values of an output, or 0 where they differ from row to row.</param>
    /// <param name="input">The row to read.</param>
    /// <param name="column">Its column of images.</param>
    /// <param name="key">The column that makes samples a row's own, or null for its id.</param>
    /// <param name="capacity">Rows in a batch.</param>
    public EncodeWorker(
        ModelUse model, LiteVaeConfig config, LiteVaeEncodeOptions options, int outputLength, DataViewRow input, DataViewSchema.Column column, DataViewSchema.Column? key, int capacity)
    {
        (_model, _options, _missingLength) = (model, options, outputLength);
        _scaling = options.ApplyScaling ? LatentScaling.From(config) : null;
        _images = new ImageBatch(input, column, options.Sizing, config.DownsamplingFactor, capacity);
        _key = SampleKey.CreateReader(input, key);
        _keys = new UInt128[capacity];
        _results = new (Posterior, int)[capacity];
    }

    public void Fetch(int slot)
    {
        _images.Fetch(slot);
        _keys[slot] = _key();
    }

    public void Prepare(int slot) => _images.Prepare(slot);

    public IDisposable? HoldModel() => _model.Hold();

    public IEnumerable<IReadOnlyList<int>> Groups(IReadOnlyList<int> slots) => _images.Groups(slots);

    public void Run(IReadOnlyList<int> group)
    {
        var posterior = _model.Encode(_images.Tensor(group));
        for (var i = 0; i < group.Count; i++)
        {
            _results[group[i]] = (posterior, i);
        }

        _images.Release(group);
    }

    public Delegate CreateGetter(int output, Func<int> slot) => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
    {
        var demanded = slot();
        if (demanded == BatchRows.Missing)
        {
            var missing = VBufferEditor.Create(ref value, _missingLength);
            missing.Values.Fill(float.NaN);
            value = missing.Commit();
            return;
        }

        var latent = Latent(demanded);
        var editor = VBufferEditor.Create(ref value, latent.Length);
        latent.CopyTo(editor.Values);
        _scaling?.ToScaled(editor.Values, editor.Values);
        value = editor.Commit();
    });

    public void Dispose() => _model.Dispose();

    private ReadOnlySpan<float> Latent(int slot)
    {
        var (posterior, index) = _results[slot];
        return _options.Output switch
        {
            LatentOutput.Moments => posterior.GetMoments(index),
            LatentOutput.Sample => posterior.Sample(index, _options.Seed, _keys[slot]),
            _ => posterior.Mean(index),
        };
    }
}
