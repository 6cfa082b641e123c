using Microsoft.ML;
using Microsoft.ML.Data;

namespace LiteVae;

/// <summary>Latents of a batch -> images.</summary>
internal sealed class DecodeWorker : IBatchWorker
{
    private readonly ModelUse _model;
    private readonly LatentScaling? _scaling;
    private readonly LatentShape _shape;
    private readonly DataViewRow _input;
    private readonly string _columnName;
    private readonly ValueGetter<VBuffer<float>> _get;
    private readonly float[][] _latents;
    private readonly RgbImage[] _results;
    private VBuffer<float> _value;

    /// <summary>A worker that reads latents from a column.</summary>
    /// <param name="model">The model; the worker disposes it.</param>
    /// <param name="scaling">The scaling to undo, or null where the latents are unscaled.</param>
    /// <param name="shape">The shape of a latent.</param>
    /// <param name="input">The row to read.</param>
    /// <param name="column">Its column.</param>
    /// <param name="capacity">Rows in a batch.</param>
    public DecodeWorker(ModelUse model, LatentScaling? scaling, LatentShape shape, DataViewRow input, DataViewSchema.Column column, int capacity)
    {
        (_model, _scaling, _shape, _input, _columnName) = (model, scaling, shape, input, column.Name);
        _get = input.GetGetter<VBuffer<float>>(column);
        _latents = [.. Enumerable.Range(0, capacity).Select(_ => new float[shape.Length])];
        _results = new RgbImage[capacity];
    }

    public void Fetch(int slot)
    {
        _get(ref _value);
        if (_value.Length != _shape.Length)
        {
            throw new InvalidDataException(
                $"Row {_input.Position}: the latent in the column '{_columnName}' has {_value.Length} values; [{_shape.Channels}, {_shape.Height}, {_shape.Width}] needs {_shape.Length}.");
        }

        var latent = _latents[slot];
        _value.CopyTo(latent);
        var broken = Array.FindIndex(latent, value => !float.IsFinite(value));
        if (broken >= 0)
        {
            throw new InvalidDataException($"Row {_input.Position}: the latent in the column '{_columnName}' is {latent[broken]} at place {broken}: a missing value, or a broken one.");
        }

        _scaling?.ToLatent(latent, latent);
    }

    public void LoadModel() => _model.Load();

    public IEnumerable<IReadOnlyList<int>> Groups(IReadOnlyList<int> slots) => slots.Count > 0 ? [slots] : [];

    public void Run(IReadOnlyList<int> group)
    {
        var batch = new float[checked(group.Count * _shape.Length)];
        for (var i = 0; i < group.Count; i++)
        {
            _latents[group[i]].CopyTo(batch, i * _shape.Length);
        }

        var images = _model.Decode(batch, group.Count, _shape.Height, _shape.Width);
        for (var i = 0; i < group.Count; i++)
        {
            _results[group[i]] = images.ToRgb(i);
        }
    }

    // A new image for every value, and the old one is left alone: whoever asked owns it.
    public Delegate CreateGetter(int output, Func<int> slot) => (ValueGetter<MLImage>)((ref MLImage value) =>
    {
        var demanded = slot();
        value = demanded == BatchRows.Missing ? null! : MLImages.FromRgb(_results[demanded]);
    });

    public void Dispose() => _model.Dispose();
}
