namespace LiteVae.Training;

/// <summary>Inputs and outputs of the exported files, as Diffusers' and Optimum's exports call them.</summary>
internal static class OnnxNames
{
    public const string EncoderInput = "sample";
    public const string EncoderOutput = "latent_parameters";
    public const string DecoderInput = "latent_sample";
    public const string DecoderOutput = "sample";
}
