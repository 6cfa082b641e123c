namespace LiteVae;

/// <summary>The ranges of an architecture: wide enough for every network of the paper, and narrow enough that a file cannot ask for terabytes.</summary>
internal static class ArchitectureRanges
{
    private const int MaxLatentChannels = 256;
    private const int MaxWidth = 1024;
    private const int MaxMultiplier = 16;
    private const int MaxLevels = 8;
    private const int MaxBlocksPerLevel = 8;

    /// <summary>One sentence for each member out of its range. Members that are null although their type forbids it are faults too.</summary>
    public static IEnumerable<string> Faults(LiteVaeArchitecture architecture) =>
        Number("latent_channels", architecture.LatentChannels, MaxLatentChannels)
            .Concat(architecture.Encoder is { } encoder ? Encoder(encoder) : Missing("encoder"))
            .Concat(architecture.Decoder is { } decoder ? Decoder(decoder) : Missing("decoder"));

    private static IEnumerable<string> Encoder(LiteVaeEncoderShape encoder) =>
        UNet("encoder.extractor", encoder.Extractor)
            .Concat(UNet("encoder.aggregator", encoder.Aggregator))
            .Concat(Known("encoder.norm", encoder.Norm));

    private static IEnumerable<string> Decoder(LiteVaeDecoderShape decoder)
    {
        int? levels = decoder.Output switch { DecoderOutput.Image => 4, DecoderOutput.Wavelet => 3, _ => null };
        var wrongCount = levels is { } wanted && decoder.Multipliers is { } multipliers && multipliers.Count != wanted
            ? [$"architecture.decoder.multipliers has {multipliers.Count} entries; the {decoder.Output} output needs {wanted}."]
            : Enumerable.Empty<string>();
        return Number("decoder.width", decoder.Width, MaxWidth)
            .Concat(Multipliers("decoder.multipliers", decoder.Multipliers))
            .Concat(wrongCount)
            .Concat(Number("decoder.blocks_per_level", decoder.BlocksPerLevel, MaxBlocksPerLevel))
            .Concat(Known("decoder.norm", decoder.Norm))
            .Concat(Known("decoder.output", decoder.Output));
    }

    private static IEnumerable<string> UNet(string name, UNetShape? shape) =>
        shape is null ? Missing(name) : Number($"{name}.width", shape.Width, MaxWidth).Concat(Multipliers($"{name}.multipliers", shape.Multipliers));

    private static IEnumerable<string> Multipliers(string name, IReadOnlyList<int>? multipliers) => multipliers switch
    {
        null => Missing(name),
        { Count: < 1 or > MaxLevels } => [$"architecture.{name} has {multipliers.Count} entries; allowed are 1 to {MaxLevels}."],
        _ => multipliers.SelectMany((multiplier, i) => Number($"{name}[{i}]", multiplier, MaxMultiplier)),
    };

    private static IEnumerable<string> Number(string name, int value, int most) =>
        value >= 1 && value <= most ? [] : [$"architecture.{name} is {value}; allowed are 1 to {most}."];

    private static IEnumerable<string> Known<T>(string name, T value)
        where T : struct, Enum =>
        Enum.IsDefined(value) ? [] : [$"architecture.{name} is {value}; allowed are {string.Join(", ", Enum.GetNames<T>())}."];

    private static IEnumerable<string> Missing(string name) => [$"architecture.{name} is missing."];
}
