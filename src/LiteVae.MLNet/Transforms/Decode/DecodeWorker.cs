using Microsoft.ML;
using Microsoft.ML.Data;

namespace LiteVae;

/// <summary>Latents of a batch -> images.</summary>
internal sealed class DecodeWorker : IBatchWorker
{
    private readonly ModelUse _model;
    private readonly LatentScaling? _scaling;
    private readonly LatentShape _shape;
    private readonly string _columnName;
    private readonly ValueGetter<VBuffer<float>> _get;
    private readonly float[][] _latents;
    private readonly DecodedOutput _output;
    private readonly RgbImage[] _images;
    private readonly float[][] _pixels;
    private readonly int _pixelCount;
    private VBuffer<float> _value;

    /// <summary>A worker that reads latents from a column.</summary>
    /// <param name="model">The model; the worker disposes it.</param>
    /// <param name="config">The model's config.</param>
    /// <param name="output">What to make of a latent.</param>
    /// <param name="isScaled">Whether the latents are scaled.</param>
    /// <param name="shape">The shape of a latent.</param>
    /// <param name="input">The row to read.</param>
    /// <param name="column">Its column.</param>
    /// <param name="capacity">Rows in a batch.</param>
    public DecodeWorker(
        ModelUse model, LiteVaeConfig config, DecodedOutput output, bool isScaled, LatentShape shape, DataViewRow input, DataViewSchema.Column column, int capacity)
    {
        (_model, _output, _shape, _columnName) = (model, output, shape, column.Name);
        _scaling = isScaled ? LatentScaling.From(config) : null;
        _pixelCount = 3 * shape.Height * shape.Width * config.DownsamplingFactor * config.DownsamplingFactor;
        _get = input.GetGetter<VBuffer<float>>(column);
        _latents = [.. Enumerable.Range(0, capacity).Select(_ => new float[shape.Length])];
        _images = new RgbImage[capacity];
        _pixels = new float[capacity][];
    }

    public void Fetch(int slot)
    {
        _get(ref _value);
        if (_value.Length != _shape.Length)
        {
            throw new InvalidDataException(
                $"the latent in the column '{_columnName}' has {_value.Length} values; [{_shape.Channels}, {_shape.Height}, {_shape.Width}] needs {_shape.Length}.");
        }

        var latent = _latents[slot];
        _value.CopyTo(latent);
        var broken = Array.FindIndex(latent, value => !float.IsFinite(value));
        if (broken >= 0)
        {
            throw new InvalidDataException($"the latent in the column '{_columnName}' is {latent[broken]} at place {broken}: a missing value, or a broken one.");
        }

        _scaling?.ToLatent(latent, latent);
    }

    // Latents are ready as they are.
    public void Prepare(int slot)
    {
    }

    public IDisposable? HoldModel() => _model.Hold();

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
            if (_output == DecodedOutput.Image)
            {
                _images[group[i]] = images.ToRgb(i);
            }
            else
            {
                _pixels[group[i]] = images.ToPixels(i);
            }
        }
    }

    public Delegate CreateGetter(int output, Func<int> slot) => _output == DecodedOutput.Image ? ImageGetter(slot) : PixelGetter(slot);

    public void Dispose() => _model.Dispose();

    // A new image for every value, and the old one is left alone: whoever asked owns it.
    private ValueGetter<MLImage> ImageGetter(Func<int> slot) => (ref MLImage value) =>
    {
        var demanded = slot();
        value = demanded == BatchRows.Missing ? null! : MLImages.FromRgb(_images[demanded]);
    };

    private ValueGetter<VBuffer<float>> PixelGetter(Func<int> slot) => (ref VBuffer<float> value) =>
    {
        var demanded = slot();
        var editor = VBufferEditor.Create(ref value, _pixelCount);
        if (demanded == BatchRows.Missing)
        {
            editor.Values.Fill(float.NaN);
        }
        else
        {
            _pixels[demanded].CopyTo(editor.Values);
        }

        value = editor.Commit();
    };
}
