using System.Globalization;

namespace LiteVae;

/// <summary>What a model is, in a line.</summary>
internal static class ModelSummary
{
    /// <summary>Describes a model.</summary>
    /// <param name="architecture">Its architecture, or null where it is not known.</param>
    /// <param name="channels">Channels of its latent.</param>
    /// <param name="factor">Image pixels per latent pixel along a side.</param>
    public static string Describe(ModelArchitecture? architecture, int channels, int factor)
    {
        var kind = architecture switch
        {
            LiteVaeArchitecture { Preset: { } preset } => $"LiteVAE, {preset} encoder",
            LiteVaeArchitecture => "LiteVAE",
            OpenLiteVaeArchitecture => "open-litevae",
            AutoencoderKLArchitecture => "AutoencoderKL",
            _ => "an architecture of its own",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{kind}, latents of {channels} channels at 1/{factor} of each side");
    }
}
