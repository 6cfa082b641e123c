namespace LiteVae.Comparison.Peers;

/// <summary>An autoencoder that takes part in the comparison.</summary>
internal interface IPeer : IDisposable
{
    /// <summary>What it is.</summary>
    PeerFacts Facts { get; }

    /// <summary>image -> latent -> image of the same size, without noise, clamped and rounded to 8 bits. What the factor does not divide is padded by repeating the edge, then cut back.</summary>
    RgbImage Reconstruct(RgbImage image);
}

/// <summary>What sort of peer one is.</summary>
internal enum PeerKind
{
    /// <summary>A model folder.</summary>
    Model,

    /// <summary>A linear code.</summary>
    Floor,

    /// <summary>A network that is built for the comparison alone.</summary>
    Other,
}

/// <summary>What the page says of a peer.</summary>
/// <param name="Kind">Its sort.</param>
/// <param name="Name">Its name.</param>
/// <param name="Channels">Channels of its latent.</param>
/// <param name="Factor">Image pixels per latent pixel along a side.</param>
/// <param name="EncoderParameters">Numbers that its encoder is made of.</param>
/// <param name="DecoderParameters">Numbers that its decoder is made of.</param>
/// <param name="Licence">Licence of its weights; null where it has none, or does not say.</param>
internal sealed record PeerFacts(PeerKind Kind, string Name, int Channels, int Factor, long EncoderParameters, long DecoderParameters, string? Licence)
{
    /// <summary>Values of the image for each value of the latent.</summary>
    public double ValuesPerLatentValue => (double)RgbImage.Channels * Factor * Factor / Channels;
}
