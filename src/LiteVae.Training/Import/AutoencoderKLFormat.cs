using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace LiteVae.Training;

/// <summary>The weights of Diffusers' AutoencoderKL: Stable Diffusion 1 to 3, SDXL, FLUX.1.</summary>
internal sealed partial class AutoencoderKLFormat : IWeightFormat
{
    private const int DefaultGroups = 32;

    /// <summary>What the attention's tensors were called until Diffusers 0.18.</summary>
    private static readonly Dictionary<string, string> Renamed = new() { ["query"] = "to_q", ["key"] = "to_k", ["value"] = "to_v", ["proj_attn"] = "to_out.0" };

    public string Name => "AutoencoderKL";

    public string Mark => "encoder.down_blocks.0.";

    public Type ArchitectureType => typeof(AutoencoderKLArchitecture);

    public IReadOnlyList<string> Roots => ["encoder", "decoder", "quant_conv", "post_quant_conv"];

    public (string Name, IReadOnlyList<long> Shape) Translate(WeightEntry entry)
    {
        var name = OldAttention().Replace(entry.Name, match => $"{match.Groups["layer"].Value}.{Renamed[match.Groups["part"].Value]}.{match.Groups["tensor"].Value}");

        // Some files keep the attention's matrices as 1x1 convolutions.
        var isMatrix = AttentionMatrix().IsMatch(name) && entry.Shape is [_, _, 1, 1];
        return (name, isMatrix ? [entry.Shape[0], entry.Shape[1]] : entry.Shape);
    }

    public (LiteVaeConfig Config, ScalingSource Scaling) Configure(WeightShapes shapes, ConfigText? config)
    {
        var stated = config is null ? null : Parse(config);
        var architecture = stated?.Architecture() ?? Infer(shapes);
        var scaling = config is null ? ScalingSource.NotStated : config.Names("scaling_factor") ? ScalingSource.Stated : ScalingSource.FamilyDefault;
        var described = new LiteVaeConfig
        {
            Architecture = architecture,
            LatentChannels = architecture.LatentChannels,
            DownsamplingFactor = architecture.DownsamplingFactor,
            ScalingFactor = stated?.ScalingFactor ?? 1,
            ShiftFactor = stated?.ShiftFactor ?? 0,
            LatentsMean = stated?.LatentsMean,
            LatentsStd = stated?.LatentsStd,
        };
        return (described, scaling);
    }

    private static Config Parse(ConfigText config)
    {
        if (!config.Names("_class_name", "block_out_channels"))
        {
            throw new InvalidDataException(
                $"{config.Path}: not a config of Diffusers' AutoencoderKL: it has neither _class_name nor block_out_channels. Name the weights' own config, or put them where no other lies beside them.");
        }

        var stated = config.As<Config>("Diffusers' AutoencoderKL");
        stated.RequireKnown(config.Path);
        return stated;
    }

    private static AutoencoderKLArchitecture Infer(WeightShapes shapes)
    {
        var levels = Math.Max(1, shapes.Count("encoder.down_blocks"));
        var channels = Enumerable.Range(0, levels).Select(level => shapes.Of($"encoder.down_blocks.{level}.resnets.0.conv1.weight", 0)).ToList();
        if (channels.FirstOrDefault(width => width % DefaultGroups != 0) is > 0 and var undivided)
        {
            throw new InvalidDataException(
                $"{shapes.Path}: a level has {undivided} channels, which {DefaultGroups} groups, Diffusers' default, do not divide; the groups leave no trace in the weights. Name the weights' config.json as the config.");
        }

        return new AutoencoderKLArchitecture
        {
            LatentChannels = shapes.Of("decoder.conv_in.weight", 1),
            BlockOutChannels = channels,
            LayersPerBlock = shapes.Count("encoder.down_blocks.0.resnets"),
            NormNumGroups = DefaultGroups,
            UseQuantConv = shapes.Has("quant_conv.weight"),
            UsePostQuantConv = shapes.Has("post_quant_conv.weight"),
            MidBlockAddAttention = shapes.Count("encoder.mid_block.attentions") > 0,
        };
    }

    [GeneratedRegex(@"^(?<layer>.*\.attentions\.\d+)\.(?<part>query|key|value|proj_attn)\.(?<tensor>weight|bias)$")]
    private static partial Regex OldAttention();

    [GeneratedRegex(@"\.attentions\.\d+\.to_(q|k|v|out\.0)\.weight$")]
    private static partial Regex AttentionMatrix();

    /// <summary>Diffusers' <c>config.json</c> with the defaults that Diffusers gives to what it does not say.</summary>
    private sealed record Config
    {
        [JsonPropertyName("_class_name")]
        public string ClassName { get; init; } = "AutoencoderKL";

        public int InChannels { get; init; } = 3;

        public int OutChannels { get; init; } = 3;

        public IReadOnlyList<string> DownBlockTypes { get; init; } = [];

        public IReadOnlyList<string> UpBlockTypes { get; init; } = [];

        public IReadOnlyList<int> BlockOutChannels { get; init; } = [64];

        public int LayersPerBlock { get; init; } = 1;

        public string ActFn { get; init; } = "silu";

        public int LatentChannels { get; init; } = 4;

        public int NormNumGroups { get; init; } = DefaultGroups;

        public double? ScalingFactor { get; init; } = DiffusersConfig.StableDiffusionFactor;

        public double? ShiftFactor { get; init; }

        public IReadOnlyList<double>? LatentsMean { get; init; }

        public IReadOnlyList<double>? LatentsStd { get; init; }

        public bool UseQuantConv { get; init; } = true;

        public bool UsePostQuantConv { get; init; } = true;

        public bool MidBlockAddAttention { get; init; } = true;

        public AutoencoderKLArchitecture Architecture() => new()
        {
            LatentChannels = LatentChannels,
            BlockOutChannels = BlockOutChannels,
            LayersPerBlock = LayersPerBlock,
            NormNumGroups = NormNumGroups,
            UseQuantConv = UseQuantConv,
            UsePostQuantConv = UsePostQuantConv,
            MidBlockAddAttention = MidBlockAddAttention,
        };

        /// <summary>Refuses what this library's network would compute otherwise than Diffusers.</summary>
        public void RequireKnown(string path)
        {
            var faults = new List<string>();
            Require(ClassName == "AutoencoderKL", $"_class_name is {FaultText.Printable(ClassName)}; only AutoencoderKL is imported.");
            Require(InChannels == 3 && OutChannels == 3, $"in_channels is {InChannels} and out_channels is {OutChannels}; this library runs models of RGB images, 3 channels.");
            Require(ActFn is "silu" or "swish", $"act_fn is {FaultText.Printable(ActFn)}; only silu is known.");
            Require(DownBlockTypes.All(type => type == "DownEncoderBlock2D"), $"down_block_types are {FaultText.Printable(string.Join(", ", DownBlockTypes))}; only DownEncoderBlock2D is known.");
            Require(UpBlockTypes.All(type => type == "UpDecoderBlock2D"), $"up_block_types are {FaultText.Printable(string.Join(", ", UpBlockTypes))}; only UpDecoderBlock2D is known.");
            if (faults.Count > 0)
            {
                throw new InvalidDataException($"{path}: {string.Join(" ", faults)}");
            }

            void Require(bool condition, string otherwise)
            {
                if (!condition)
                {
                    faults.Add(otherwise);
                }
            }
        }
    }
}
