using System.Text.Json.Serialization;

namespace LiteVae;

/// <summary>Everything that determines a LiteVAE network's tensors: what <c>config.json</c> records and what training builds from.</summary>
/// <remarks>Source: LiteVAE (arXiv 2405.14477), section 3 and appendix F.</remarks>
public sealed record LiteVaeArchitecture : ModelArchitecture
{
    /// <summary>The preset this architecture started from (S, B, M or L), or null for a custom one. Informational.</summary>
    public string? Preset { get; init; }

    /// <summary>Channels of the latent, nz: 4, 12 or 16 in the paper. 1 to 256.</summary>
    public override int LatentChannels { get; init; } = 12;

    /// <summary>The wavelet encoder.</summary>
    public LiteVaeEncoderShape Encoder { get; init; } = new();

    /// <summary>The decoder.</summary>
    public LiteVaeDecoderShape Decoder { get; init; } = new();

    /// <summary>1x1 convolutions around the latent (paper Table 17: without them rFID improves). Default false.</summary>
    public bool LatentConvolutions { get; init; }

    /// <summary>A linear code beside the networks, fitted to the training images and then fixed; null (default) for none, as in the paper.</summary>
    public LiteVaeLinearCode? LinearCode { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override int DownsamplingFactor => 8;

    internal override IEnumerable<string> Faults() => ArchitectureRanges.Faults(this);
}

/// <summary>Width of a feature UNet and its channel multipliers, one per level.</summary>
/// <param name="Width">Channels of the first level, 1 to 1024.</param>
/// <param name="Multipliers">Channel multipliers, first level first; 1 to 8 entries of 1 to 16.</param>
public sealed record UNetShape(int Width, IReadOnlyList<int> Multipliers);

/// <summary>Shape of the encoder: three extractors, one for each wavelet level, and the aggregator.</summary>
public sealed record LiteVaeEncoderShape
{
    /// <summary>The extractors F_1, F_2, F_3. Default S: 16 (1,2,2).</summary>
    public UNetShape Extractor { get; init; } = new(16, [1, 2, 2]);

    /// <summary>The aggregator F_agg. Default S: 16 (1,2,2).</summary>
    public UNetShape Aggregator { get; init; } = new(16, [1, 2, 2]);

    /// <summary>One extractor shared by the three levels (paper Table 19). Default false.</summary>
    public bool SharedExtractors { get; init; }

    /// <summary>Normalisation of the residual blocks; <see cref="BlockNorm.SelfModulated"/> makes the encoder norm-free and local. Default GroupNorm.</summary>
    public BlockNorm Norm { get; init; } = BlockNorm.GroupNorm;
}

/// <summary>Shape of the decoder: Stable Diffusion's, with its options.</summary>
public sealed record LiteVaeDecoderShape
{
    /// <summary>Base channels, 1 to 1024. Default 128.</summary>
    public int Width { get; init; } = 128;

    /// <summary>
    /// Channel multipliers, finest level first. The image output needs four levels (H, H/2, H/4, H/8), the wavelet output three
    /// (H/2, H/4, H/8), each of 1 to 16. Default (1,2,4,4).
    /// </summary>
    public IReadOnlyList<int> Multipliers { get; init; } = [1, 2, 4, 4];

    /// <summary>Residual blocks per level, 1 to 8. Default 3.</summary>
    public int BlocksPerLevel { get; init; } = 3;

    /// <summary>Normalisation of the residual blocks. Default GroupNorm (paper appendix F); SMC is Table 4.</summary>
    public BlockNorm Norm { get; init; } = BlockNorm.GroupNorm;

    /// <summary>Self-attention in the middle; false puts a residual block in its place. Default true.</summary>
    public bool Attention { get; init; } = true;

    /// <summary>What the decoder's last convolution emits. Default the image.</summary>
    public DecoderOutput Output { get; init; } = DecoderOutput.Image;
}

/// <summary>
/// A linear code of blocks of 8 x 8 pixels: the encoder's mean is their Karhunen-Loeve coefficients, each of variance 1, plus what its network says, and the decoder's image the least-squares
/// guess of a block from its own and its eight neighbours' codes, plus what its network says. A network that has learnt nothing yet reconstructs as well as a linear code can.
/// </summary>
public sealed record LiteVaeLinearCode
{
    /// <summary>By what the networks' outputs are multiplied, above 0, at most 1. Default 1/8: at full share steps of the usual size drive a small network far from the code and silence it.</summary>
    public double NetworkShare { get; init; } = 0.125;
}

/// <summary>How a residual block keeps its activations in range.</summary>
public enum BlockNorm
{
    /// <summary>Group normalisation with gcd(32, channels) groups before every convolution.</summary>
    GroupNorm,

    /// <summary>Self-modulated convolutions: the weights are normalised, not the activations. Folds into plain convolutions on export.</summary>
    SelfModulated,
}

/// <summary>The domain in which the decoder's last convolution works.</summary>
public enum DecoderOutput
{
    /// <summary>Three channels at full resolution.</summary>
    Image,

    /// <summary>Twelve sub-band channels at half resolution, followed by the inverse Haar transform times 2.</summary>
    Wavelet,
}
