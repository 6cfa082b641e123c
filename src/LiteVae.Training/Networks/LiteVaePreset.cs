namespace LiteVae.Training;

/// <summary>The paper's encoder sizes (Table 2; parameter counts in section 4), and the decoders that go with them.</summary>
public static class LiteVaePreset
{
    /// <summary>The presets' names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["S", "B", "M", "L"];

    /// <summary>The decoder of the paper's main tables: Stable Diffusion's, 49.5 M parameters.</summary>
    public static LiteVaeDecoderShape PaperDecoder { get; } = new();

    /// <summary>A small norm-free decoder that works in the wavelet domain, 2.3 M parameters: about as much work as the S encoder.</summary>
    public static LiteVaeDecoderShape CompactDecoder { get; } = new()
    {
        Width = 32,
        Multipliers = [1, 2, 4],
        Norm = BlockNorm.SelfModulated,
        Attention = false,
        Output = DecoderOutput.Wavelet,
    };

    /// <summary>The architecture of a preset, with the paper's decoder.</summary>
    /// <param name="name">S, B, M or L.</param>
    /// <param name="latentChannels">nz: 4, 12 or 16 in the paper.</param>
    /// <exception cref="ArgumentException">There is no such preset.</exception>
    public static LiteVaeArchitecture Get(string name, int latentChannels)
    {
        var (extractor, aggregator) = name switch
        {
            "S" => (new UNetShape(16, [1, 2, 2]), new UNetShape(16, [1, 2, 2])),
            "B" => (new UNetShape(32, [1, 2, 3]), new UNetShape(32, [1, 2, 3])),
            "M" => (new UNetShape(64, [1, 2, 4]), new UNetShape(32, [1, 2, 3])),
            "L" => (new UNetShape(64, [1, 2, 4]), new UNetShape(64, [1, 2, 4])),
            _ => throw new ArgumentException($"There is no preset '{name}'; there are {string.Join(", ", Names)}.", nameof(name)),
        };
        return new LiteVaeArchitecture
        {
            Preset = name,
            LatentChannels = latentChannels,
            Encoder = new LiteVaeEncoderShape { Extractor = extractor, Aggregator = aggregator },
            Decoder = PaperDecoder,
        };
    }
}
