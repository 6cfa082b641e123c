namespace LiteVae;

/// <summary>A worker's right to run the model. A cursor keeps it for life, so it finishes after the model is disposed; a row takes it for each run.</summary>
internal sealed class ModelUse : IDisposable
{
    private readonly LiteVaeModel _model;
    private readonly bool _encodes;
    private readonly bool _decodes;
    private readonly bool _keeps;
    private readonly SessionLease? _encoder;
    private readonly SessionLease? _decoder;

    public ModelUse(LiteVaeModel model, bool encodes, bool decodes, bool keep)
    {
        (_model, _encodes, _decodes, _keeps) = (model, encodes, decodes, keep);
        try
        {
            _encoder = keep && encodes ? model.AcquireEncoder() : null;
            _decoder = keep && decodes ? model.AcquireDecoder() : null;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Makes the sessions that a run needs, so that a broken model fails here.</summary>
    public void Load()
    {
        if (!_keeps)
        {
            using var encoder = _encodes ? _model.AcquireEncoder() : null;
            using var decoder = _decodes ? _model.AcquireDecoder() : null;
        }
    }

    public Posterior Encode(PixelTensor images) => _encoder is null ? _model.Encode(images) : _model.Encode(_encoder, images);

    public PixelTensor Decode(float[] latents, int count, int height, int width) =>
        _decoder is null ? _model.Decode(latents, count, height, width) : _model.Decode(_decoder, latents, count, height, width);

    public void Dispose()
    {
        _encoder?.Dispose();
        _decoder?.Dispose();
    }
}
