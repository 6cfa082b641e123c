using System.Text.Json.Serialization;

namespace LiteVae;

/// <summary>The architecture of open-litevae, the public re-implementation of LiteVAE, which differs from the paper's. Members are called as in its own config.</summary>
/// <remarks>Source: the published weights <c>RGenDiff/olitevaeB_im_f8c12</c>; every image has 3 channels and every latent an eighth of its size.</remarks>
public sealed record OpenLiteVaeArchitecture : ModelArchitecture
{
    /// <summary>Channels of the latent, nz. 1 to 256; default 12, the published weights'.</summary>
    public int EmbedDim { get; init; } = 12;

    /// <summary>1x1 convolutions around the latent; the aggregator then emits nz channels in place of 2 nz. Default false.</summary>
    public bool UseQuant { get; init; }

    /// <summary>The encoder's UNets.</summary>
    public OpenLiteVaeEncoderShape Encoder { get; init; } = new();

    /// <summary>The decoder.</summary>
    public OpenLiteVaeDecoderShape Decoder { get; init; } = new();

    /// <inheritdoc/>
    [JsonIgnore]
    public override int LatentChannels { get => EmbedDim; init => EmbedDim = value; }

    /// <inheritdoc/>
    public override int DownsamplingFactor => 8;

    internal override IEnumerable<string> Faults() => ArchitectureRanges.Faults(this);
}

/// <summary>Shape of open-litevae's encoder: three extractors, one for each wavelet level, and the aggregator.</summary>
public sealed record OpenLiteVaeEncoderShape
{
    /// <summary>Channels of an extractor's first level, 8 to 1024 and a multiple of 8. Default 32, B's.</summary>
    public int ExtractorChannels { get; init; } = 32;

    /// <summary>An extractor's channel multipliers, first level first; 1 to 8 entries of 1 to 16. Default (1,2,3), B's.</summary>
    public IReadOnlyList<int> ExtractorMult { get; init; } = [1, 2, 3];

    /// <summary>Residual blocks a level of an extractor, 1 to 8. Default 4, B's.</summary>
    public int ExtractorResblocks { get; init; } = 4;

    /// <summary>Channels of the aggregator's first level, 8 to 1024 and a multiple of 8. Default 32, B's.</summary>
    public int AggregateChannels { get; init; } = 32;

    /// <summary>The aggregator's channel multipliers, first level first; 1 to 8 entries of 1 to 16. Default (1,2,3), B's.</summary>
    public IReadOnlyList<int> AggregateMult { get; init; } = [1, 2, 3];

    /// <summary>Residual blocks a level of the aggregator, 1 to 8. Default 4, B's.</summary>
    public int AggregateResblocks { get; init; } = 4;
}

/// <summary>Shape of open-litevae's decoder, made of self-modulated convolutions.</summary>
public sealed record OpenLiteVaeDecoderShape
{
    /// <summary>Channels of the finest level, 1 to 1024. Default 128.</summary>
    public int Channels { get; init; } = 128;

    /// <summary>Channel multipliers of the four levels, finest first, each of 1 to 16. Default (1,2,4,4).</summary>
    public IReadOnlyList<int> ChannelMult { get; init; } = [1, 2, 4, 4];

    /// <summary>One less than the residual blocks a level, 0 to 7. Default 2.</summary>
    public int NumResBlocks { get; init; } = 2;
}
