namespace LiteVae.Training;

/// <summary>The weights of open-litevae. Its networks have the files' own names, so nothing is translated.</summary>
internal sealed class OpenLiteVaeFormat : IWeightFormat
{
    private const string Extractor = "encoder.extractors.0";
    private const string Aggregator = "encoder.aggregator";

    public string Name => "open-litevae";

    public string Mark => "encoder.extractors.0.";

    public Type ArchitectureType => typeof(OpenLiteVaeArchitecture);

    public IReadOnlyList<string> Roots => ["encoder", "decoder", "quantizer"];

    public (string Name, IReadOnlyList<long> Shape) Translate(WeightEntry entry) => (entry.Name, entry.Shape);

    public (LiteVaeConfig Config, ScalingSource Scaling) Configure(WeightShapes shapes, ConfigText? config)
    {
        var architecture = config is null ? Infer(shapes) : Parse(config);
        return (
            new LiteVaeConfig { Architecture = architecture, LatentChannels = architecture.EmbedDim, DownsamplingFactor = architecture.DownsamplingFactor },
            ScalingSource.NotStated);
    }

    private static OpenLiteVaeArchitecture Infer(WeightShapes shapes)
    {
        var (extractor, aggregator) = (UNet(shapes, Extractor), UNet(shapes, Aggregator));
        var widths = Enumerable.Range(0, Math.Max(1, shapes.Count("decoder.up"))).Select(level => shapes.Of($"decoder.up.{level}.block.0.conv1.conv.weight", 0)).ToList();
        return new OpenLiteVaeArchitecture
        {
            EmbedDim = shapes.Of("decoder.conv_in.weight", 1),
            UseQuant = shapes.Has("quantizer.quant_conv.weight"),
            Encoder = new OpenLiteVaeEncoderShape
            {
                ExtractorChannels = extractor.Width,
                ExtractorMult = extractor.Multipliers,
                ExtractorResblocks = extractor.Blocks,
                AggregateChannels = aggregator.Width,
                AggregateMult = aggregator.Multipliers,
                AggregateResblocks = aggregator.Blocks,
            },
            Decoder = new OpenLiteVaeDecoderShape
            {
                Channels = widths[0],
                ChannelMult = shapes.Multipliers(widths, "decoder.up"),
                NumResBlocks = shapes.Count("decoder.mid") - 1,
            },
        };
    }

    private static (int Width, IReadOnlyList<int> Multipliers, int Blocks) UNet(WeightShapes shapes, string unet)
    {
        // A level ends with the 1x1 convolution that brings its width to the next one's.
        var blocks = shapes.Count($"{unet}.mid_block");
        List<int> widths = [shapes.Of($"{unet}.init_conv.weight", 0)];
        for (var level = 0; level < shapes.Count($"{unet}.down_blocks"); level++)
        {
            widths.Add(shapes.Of($"{unet}.down_blocks.{level}.{blocks}.weight", 0));
        }

        return (widths[0], shapes.Multipliers(widths, unet), blocks);
    }

    private OpenLiteVaeArchitecture Parse(ConfigText config)
    {
        if (!config.Names("embed_dim", "use_quant", "encoder", "decoder"))
        {
            throw new InvalidDataException(
                $"{config.Path}: not a config of {Name}: it has none of embed_dim, use_quant, encoder and decoder. Name the weights' own config, or put them where no other lies beside them.");
        }

        var colours = config.As<Colours>(Name).InChannels;
        return colours is null or 3
            ? config.As<OpenLiteVaeArchitecture>(Name)
            : throw new InvalidDataException($"{config.Path}: in_channels is {colours}; this library runs models of RGB images, 3 channels.");
    }

    private sealed record Colours(int? InChannels);
}
