namespace LiteVae;

/// <summary>
/// A worker's right to run the model. A cursor keeps it for life, so it finishes after the model is disposed; a row, which nobody disposes, takes it for each
/// prediction, from before its input is read.
/// </summary>
/// <remarks>Not thread-safe, as its row is not.</remarks>
internal sealed class ModelUse : IDisposable
{
    private readonly LiteVaeModel _model;
    private readonly bool _encodes;
    private readonly bool _decodes;
    private readonly bool _keeps;
    private SessionLease? _encoder;
    private SessionLease? _decoder;

    public ModelUse(LiteVaeModel model, bool encodes, bool decodes, bool keep)
    {
        (_model, _encodes, _decodes, _keeps) = (model, encodes, decodes, keep);
        if (keep)
        {
            Acquire();
        }
    }

    /// <summary>Makes sure of the model until the result is disposed; a broken model fails here. Nothing to do where it is kept.</summary>
    public IDisposable? Hold()
    {
        if (_keeps)
        {
            return null;
        }

        Acquire();
        return this;
    }

    public Posterior Encode(PixelTensor images) => _model.Encode(_encoder!, images);

    public PixelTensor Decode(float[] latents, int count, int height, int width) => _model.Decode(_decoder!, latents, count, height, width);

    public void Dispose()
    {
        _encoder?.Dispose();
        _decoder?.Dispose();
        (_encoder, _decoder) = (null, null);
    }

    private void Acquire()
    {
        try
        {
            _encoder = _encodes ? _model.AcquireEncoder() : null;
            _decoder = _decodes ? _model.AcquireDecoder() : null;
        }
        catch
        {
            Dispose();
            throw;
        }
    }
}
