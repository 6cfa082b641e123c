using System.Text.Json.Serialization;

namespace LiteVae;

/// <summary>The architecture of diffusers' <c>AutoencoderKL</c>, the autoencoder of Stable Diffusion. Members are called as in its <c>config.json</c>.</summary>
/// <remarks>Defaults are Stable Diffusion 1's and 2's. Stable Diffusion 3 and FLUX.1 have 16 latent channels and no convolutions around the latent.</remarks>
public sealed record AutoencoderKLArchitecture : ModelArchitecture
{
    /// <summary>Channels of the latent, nz. 1 to 256; default 4.</summary>
    public override int LatentChannels { get; init; } = 4;

    /// <summary>Channels of the levels, finest first; 1 to 7 entries of 1 to 4096. Every level but one halves the size. Default (128,256,512,512).</summary>
    public IReadOnlyList<int> BlockOutChannels { get; init; } = [128, 256, 512, 512];

    /// <summary>Residual blocks a level of the encoder, 1 to 8; a level of the decoder has one more. Default 2.</summary>
    public int LayersPerBlock { get; init; } = 2;

    /// <summary>Groups of every group normalisation; must divide the channels of every level. Default 32.</summary>
    public int NormNumGroups { get; init; } = 32;

    /// <summary>A 1x1 convolution behind the encoder. Default true.</summary>
    public bool UseQuantConv { get; init; } = true;

    /// <summary>A 1x1 convolution before the decoder. Default true.</summary>
    public bool UsePostQuantConv { get; init; } = true;

    /// <summary>Self-attention in the middle of the encoder and of the decoder. Default true.</summary>
    public bool MidBlockAddAttention { get; init; } = true;

    /// <inheritdoc/>
    [JsonIgnore]
    public override int DownsamplingFactor => 1 << Math.Clamp(BlockOutChannels.Count - 1, 0, ArchitectureRanges.MaxLevelsKL - 1);

    internal override IEnumerable<string> Faults() => ArchitectureRanges.Faults(this);
}
