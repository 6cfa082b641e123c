using System.Text.Json.Serialization;

namespace LiteVae;

/// <summary>Everything that determines a network's tensors: what <c>config.json</c> records under <c>architecture</c>.</summary>
/// <remarks>
/// Its <c>type</c> says which one it is: <c>open-litevae</c> (<see cref="OpenLiteVaeArchitecture"/>), <c>autoencoder-kl</c>
/// (<see cref="AutoencoderKLArchitecture"/>), and none or <c>litevae</c> for <see cref="LiteVaeArchitecture"/>.
/// </remarks>
public abstract record ModelArchitecture
{
    private protected ModelArchitecture()
    {
    }

    /// <summary>Channels of the latent, nz. 1 to 256.</summary>
    public abstract int LatentChannels { get; init; }

    /// <summary>Image pixels per latent pixel along a side.</summary>
    [JsonIgnore]
    public abstract int DownsamplingFactor { get; }

    /// <summary>One sentence for each member out of its range, named as in <c>config.json</c>.</summary>
    internal abstract IEnumerable<string> Faults();
}
