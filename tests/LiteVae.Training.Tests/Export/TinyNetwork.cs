using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Export;

/// <summary>Networks small enough to export and compare in a blink, with every option and no default values in the norms.</summary>
internal static class TinyNetwork
{
    public const int LatentChannels = 4;

    public static LiteVaeArchitecture Architecture(
        BlockNorm encoder = BlockNorm.GroupNorm,
        BlockNorm decoder = BlockNorm.GroupNorm,
        bool attention = true,
        DecoderOutput output = DecoderOutput.Image,
        bool latentConvolutions = false,
        bool sharedExtractors = false) => new()
        {
            LatentChannels = LatentChannels,
            LatentConvolutions = latentConvolutions,

            // 12 and 24 channels make 4 and 8 groups of 3: neither one group nor one channel a group, which would hide a mix-up.
            Encoder = new LiteVaeEncoderShape
            {
                Extractor = new UNetShape(12, [1, 2]),
                Aggregator = new UNetShape(12, [1, 2]),
                Norm = encoder,
                SharedExtractors = sharedExtractors,
            },
            Decoder = new LiteVaeDecoderShape
            {
                Width = 12,
                Multipliers = output == DecoderOutput.Image ? [1, 2, 2, 2] : [1, 2, 2],
                BlocksPerLevel = 1,
                Norm = decoder,
                Attention = attention,
                Output = output,
            },
        };

    /// <summary>The network with random weights; norms, scales, gains and biases are moved away from their initial 1 and 0.</summary>
    public static LiteVaeNetwork Create(LiteVaeArchitecture architecture, long seed = 1) => (LiteVaeNetwork)Create((ModelArchitecture)architecture, seed);

    /// <summary>The same for any architecture.</summary>
    public static AutoencoderNetwork Create(ModelArchitecture architecture, long seed = 1)
    {
        random.manual_seed(seed);
        var network = AutoencoderNetwork.Create(architecture);
        using var scope = NewDisposeScope(); // after the network, whose parameters it would dispose
        using var noGradient = no_grad();
        foreach (var parameter in network.parameters())
        {
            if (parameter.dim() == 1)
            {
                parameter.add_(randn_like(parameter) * 0.3);
            }
            else if (!parameter.any().item<bool>())
            {
                parameter.add_(randn_like(parameter) * 0.1); // a fresh block's last convolution, which starts at 0
            }
        }

        return network;
    }

    public static LiteVaeConfig Config(LiteVaeNetwork network) => new()
    {
        Name = "tiny",
        LatentChannels = LatentChannels,
        Architecture = network.Architecture,
        TrainingData = new LiteVaeTrainingData("noise", "CC0-1.0"),
    };
}
