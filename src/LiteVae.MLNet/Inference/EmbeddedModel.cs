namespace LiteVae;

/// <summary>A model, or the half of it that is needed, out of a saved ML.NET pipeline. It is trusted no more than a folder.</summary>
/// <param name="Path">The pipeline and the component in it, for people.</param>
/// <param name="Config">What the model is.</param>
/// <param name="Encoder">The encoder's ONNX file, or null.</param>
/// <param name="Decoder">The decoder's ONNX file, or null.</param>
internal sealed record EmbeddedModel(string Path, LiteVaeConfig Config, byte[]? Encoder, byte[]? Decoder) : IModelSource
{
    public OnnxModelFile ReadEncoder() => Read("encoder", Encoder, OnnxContract.Encoder(Config.EncodedChannels()));

    public OnnxModelFile ReadDecoder() => Read("decoder", Decoder, OnnxContract.Decoder(Config.LatentChannels));

    private OnnxModelFile Read(string part, byte[]? bytes, OnnxContract contract)
    {
        var file = OnnxModelFile.Parse($"{Path} ({part})", bytes ?? throw new FileNotFoundException($"{Path}: it was saved without the {part}, which it does not run."));
        contract.Require(file);
        return file;
    }
}
