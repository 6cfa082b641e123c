namespace LiteVae;

/// <summary>The ranges of an architecture: wide enough for every network of the paper, and narrow enough that a file cannot ask for terabytes.</summary>
internal static class ArchitectureRanges
{
    /// <summary>Most levels of an AutoencoderKL: a factor of 64, the config's greatest.</summary>
    public const int MaxLevelsKL = 7;

    private const int MaxLatentChannels = 256;
    private const int BlockValues = 3 * 8 * 8; // numbers of a block of pixels: more codes than that there are none
    private const int MaxWidth = 1024;
    private const int MaxMultiplier = 16;
    private const int MaxLevels = 8;
    private const int MaxBlocksPerLevel = 8;
    private const int MaxChannelsKL = 4096;
    private const int OpenLiteVaeLevels = 4;    // H/8 to H
    private const int OpenLiteVaeGroups = 8;

    /// <summary>One sentence for each member out of its range. Members that are null although their type forbids it are faults too.</summary>
    public static IEnumerable<string> Faults(LiteVaeArchitecture architecture) =>
        Number("latent_channels", architecture.LatentChannels, MaxLatentChannels)
            .Concat(architecture.Encoder is { } encoder ? Encoder(encoder) : Missing("encoder"))
            .Concat(architecture.Decoder is { } decoder ? Decoder(decoder) : Missing("decoder"))
            .Concat(architecture.LinearCode is { } code ? Linear(code, architecture.LatentChannels) : []);

    /// <summary>The same for open-litevae's.</summary>
    public static IEnumerable<string> Faults(OpenLiteVaeArchitecture architecture) =>
        Number("embed_dim", architecture.EmbedDim, MaxLatentChannels)
            .Concat(architecture.Encoder is { } encoder ? Encoder(encoder) : Missing("encoder"))
            .Concat(architecture.Decoder is { } decoder ? Decoder(decoder) : Missing("decoder"));

    /// <summary>The same for diffusers' AutoencoderKL.</summary>
    public static IEnumerable<string> Faults(AutoencoderKLArchitecture architecture)
    {
        var levels = architecture.BlockOutChannels is { Count: >= 1 and <= MaxLevelsKL }
            ? architecture.BlockOutChannels.SelectMany((channels, i) => Number($"block_out_channels[{i}]", channels, MaxChannelsKL))
            : [$"architecture.block_out_channels has {architecture.BlockOutChannels?.Count ?? 0} entries; allowed are 1 to {MaxLevelsKL}."];
        var groups = architecture.NormNumGroups;
        var undivided = architecture.BlockOutChannels?.Where(channels => groups >= 1 && channels % groups != 0).Take(1)
            .Select(channels => $"architecture.norm_num_groups is {groups}, which does not divide the {channels} of block_out_channels.");
        return Number("latent_channels", architecture.LatentChannels, MaxLatentChannels)
            .Concat(levels)
            .Concat(Number("layers_per_block", architecture.LayersPerBlock, MaxBlocksPerLevel))
            .Concat(Number("norm_num_groups", groups, MaxChannelsKL))
            .Concat(undivided ?? []);
    }

    private static IEnumerable<string> Encoder(OpenLiteVaeEncoderShape encoder) =>
        UNet("extractor", encoder.ExtractorChannels, encoder.ExtractorMult, encoder.ExtractorResblocks)
            .Concat(UNet("aggregate", encoder.AggregateChannels, encoder.AggregateMult, encoder.AggregateResblocks));

    private static IEnumerable<string> UNet(string name, int channels, IReadOnlyList<int> multipliers, int blocks)
    {
        var undivided = channels % OpenLiteVaeGroups == 0
            ? Enumerable.Empty<string>()
            : [$"architecture.encoder.{name}_channels is {channels}; it must be a multiple of {OpenLiteVaeGroups}, the groups of a normalisation."];
        return Number($"encoder.{name}_channels", channels, MaxWidth)
            .Concat(undivided)
            .Concat(Multipliers($"encoder.{name}_mult", multipliers))
            .Concat(Number($"encoder.{name}_resblocks", blocks, MaxBlocksPerLevel));
    }

    private static IEnumerable<string> Decoder(OpenLiteVaeDecoderShape decoder)
    {
        var wrongCount = decoder.ChannelMult is { Count: not OpenLiteVaeLevels } multipliers
            ? [$"architecture.decoder.channel_mult has {multipliers.Count} entries; it needs {OpenLiteVaeLevels}."]
            : Enumerable.Empty<string>();
        return Number("decoder.channels", decoder.Channels, MaxWidth)
            .Concat(Multipliers("decoder.channel_mult", decoder.ChannelMult))
            .Concat(wrongCount)
            .Concat(Number("decoder.num_res_blocks", decoder.NumResBlocks, MaxBlocksPerLevel - 1, least: 0));
    }

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

    private static IEnumerable<string> Linear(LiteVaeLinearCode code, int channels)
    {
        if (channels > BlockValues)
        {
            yield return $"architecture.linear_code needs at most {BlockValues} latent channels; there are {channels}.";
        }

        if (code.NetworkShare is not (> 0 and <= 1))
        {
            yield return $"architecture.linear_code.network_share is {code.NetworkShare}; it must be above 0 and at most 1.";
        }
    }

    private static IEnumerable<string> UNet(string name, UNetShape? shape) =>
        shape is null ? Missing(name) : Number($"{name}.width", shape.Width, MaxWidth).Concat(Multipliers($"{name}.multipliers", shape.Multipliers));

    private static IEnumerable<string> Multipliers(string name, IReadOnlyList<int>? multipliers) => multipliers switch
    {
        null => Missing(name),
        { Count: < 1 or > MaxLevels } => [$"architecture.{name} has {multipliers.Count} entries; allowed are 1 to {MaxLevels}."],
        _ => multipliers.SelectMany((multiplier, i) => Number($"{name}[{i}]", multiplier, MaxMultiplier)),
    };

    private static IEnumerable<string> Number(string name, int value, int most, int least = 1) =>
        value >= least && value <= most ? [] : [$"architecture.{name} is {value}; allowed are {least} to {most}."];

    private static IEnumerable<string> Known<T>(string name, T value)
        where T : struct, Enum =>
        Enum.IsDefined(value) ? [] : [$"architecture.{name} is {value}; allowed are {string.Join(", ", Enum.GetNames<T>())}."];

    private static IEnumerable<string> Missing(string name) => [$"architecture.{name} is missing."];
}
