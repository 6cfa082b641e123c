using LiteVae.Training.Tests.Import;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Networks;

public sealed class NetworkSummaryTests : TorchTest
{
    private static readonly UNetShape TinyUNet = new(4, [1]);

    private static LiteVaeArchitecture Local(DecoderOutput output) => new()
    {
        LatentChannels = 2,
        Encoder = new LiteVaeEncoderShape { Extractor = TinyUNet, Aggregator = TinyUNet, Norm = BlockNorm.SelfModulated },
        Decoder = new LiteVaeDecoderShape
        {
            Width = 4,
            Multipliers = output == DecoderOutput.Image ? [1, 1, 1, 1] : [1, 1, 1],
            BlocksPerLevel = 1,
            Norm = BlockNorm.SelfModulated,
            Attention = false,
            Output = output,
        },
    };

    [Fact]
    public void Multiply_adds_of_a_small_decoder_are_those_counted_by_hand()
    {
        // Wavelet output for 16 x 16: 2 x 2 latents, then 4 x 4, then 8 x 8 positions. A 3x3 convolution of 4 to 4 channels has 144 weights.
        var parts = NetworkSummary.Of(Local(DecoderOutput.Wavelet), 16, 16).Decoder.Parts.ToDictionary(part => part.Name, part => part.MultiplyAdds);
        Assert.Equal(2 * 4 * 9 * 4, parts["stem"]);
        Assert.Equal(6 * 144 * 4, parts["mid"]);
        Assert.Equal((2 * 144 * 4) + (144 * 16), parts["up.0"]);   // two convolutions, then one after the upsampling
        Assert.Equal((2 * 144 * 16) + (144 * 64), parts["up.1"]);
        Assert.Equal(2 * 144 * 64, parts["up.2"]);
        Assert.Equal(4 * 12 * 9 * 64, parts["head"]);
    }

    [Theory]
    [InlineData(BlockNorm.GroupNorm, true, DecoderOutput.Image, false)]
    [InlineData(BlockNorm.SelfModulated, false, DecoderOutput.Wavelet, true)]
    public void Multiply_adds_are_those_of_the_convolutions_and_products_that_run(BlockNorm norm, bool attention, DecoderOutput output, bool shared) =>
        AssertCounted(Export.TinyNetwork.Architecture(norm, norm, attention, output, latentConvolutions: true, sharedExtractors: shared));

    [Fact]
    public void So_are_those_of_the_imported_architectures()
    {
        AssertCounted(WeightFiles.TinyOpenLiteVae with { UseQuant = true });
        AssertCounted(WeightFiles.TinyKL);
    }

    private static void AssertCounted(ModelArchitecture architecture)
    {
        using var network = AutoencoderNetwork.Create(architecture);
        var (height, width) = (32, 64);
        var counted = 0L;
        foreach (var module in network.modules())
        {
            switch (module)
            {
                case Conv2d convolution:
                    convolution.register_forward_hook((_, _, y) => Count(y, convolution.weight!.numel()));
                    break;
                case SelfModulatedConv2d modulated:
                    modulated.register_forward_hook((_, _, y) => Count(y, modulated.weight.numel()));
                    break;
                case OpenLiteVaeConv modulated:
                    modulated.register_forward_hook((_, _, y) => Count(y, modulated.conv.weight.numel()));
                    break;
                case KLAttention self:
                    self.register_forward_hook((_, _, y) => Count(y, (4 * y.shape[1] * y.shape[1]) + (2 * y.shape[1] * y.shape[2] * y.shape[3])));
                    break;
                case SelfAttention self:
                    self.register_forward_hook((_, _, y) => Count(y, 2 * y.shape[1] * y.shape[2] * y.shape[3]));
                    break;
            }
        }

        Tensor Count(Tensor y, long eachPosition)
        {
            counted += eachPosition * y.shape[2] * y.shape[3];
            return y;
        }

        using var noGradient = no_grad();
        network.call(zeros(1, 3, height, width));
        var summary = NetworkSummary.Of(architecture, height, width);
        Assert.Equal(counted, summary.Encoder.MultiplyAdds + summary.Decoder.MultiplyAdds);
        Assert.Equal(network.parameters().Sum(p => p.numel()), summary.Encoder.Parameters + summary.Decoder.Parameters);
    }

    [Fact]
    public void The_encoders_receptive_field_is_what_a_latent_value_reacts_to()
    {
        var architecture = Local(DecoderOutput.Wavelet);
        var field = NetworkSummary.Of(architecture, 8, 8).Encoder.ReceptiveField!.Value;
        using var network = Awake(architecture);

        // One latent row; a bright column of pixels at each of four places, the edges of the field and just beyond them.
        const int latents = 81, centre = 40;
        var first = (8 * centre) + 4 - (field / 2);
        long[] columns = [first - 1, first, first + field - 1, first + field];
        var images = zeros(columns.Length, 3, 8, 8 * latents, dtype: ScalarType.Float64);
        for (var i = 0; i < columns.Length; i++)
        {
            images[i, TensorIndex.Ellipsis, columns[i]] = ones(3, 8, dtype: ScalarType.Float64);
        }

        using var noGradient = no_grad();
        var reaction = network.Encode(images).select(3, centre).abs().sum([1, 2]).data<double>().ToArray();
        Assert.Equal([false, true, true, false], reaction.Select(value => value != 0));
    }

    [Theory]
    [InlineData(DecoderOutput.Image)]
    [InlineData(DecoderOutput.Wavelet)]
    public void The_decoders_receptive_field_is_what_a_pixel_reacts_to(DecoderOutput output) => AssertDecoderField(Local(output));

    [Fact]
    public void So_it_is_for_open_litevaes_decoder() => AssertDecoderField(WeightFiles.TinyOpenLiteVae with { EmbedDim = 2 });

    private static void AssertDecoderField(ModelArchitecture architecture)
    {
        using var network = Awake(architecture);

        // One bright latent column at every place: which of them reach the pixels over the latent in the middle?
        const int latents = 61, centre = 30;
        var columns = eye(latents, dtype: ScalarType.Float64).reshape(latents, 1, 1, latents).repeat(1, 2, 1, 1);
        using var noGradient = no_grad();
        var reactions = network.Decode(columns).abs().sum([1, 2]); // [column, pixel]
        var widest = Enumerable.Range(8 * centre, 8).Max(pixel => reactions.select(1, pixel).data<double>().ToArray().Count(value => value != 0));
        Assert.InRange(widest, 2, latents - 1);
        Assert.Equal(8 * widest, NetworkSummary.Of(architecture, 8, 8).Decoder.ReceptiveField);
    }

    [Fact]
    public void Norms_and_attention_see_the_whole_image()
    {
        var summary = NetworkSummary.Of(LiteVaePreset.Get("S", 4), 8, 8);
        Assert.Null(summary.Encoder.ReceptiveField);
        Assert.Null(summary.Decoder.ReceptiveField);
        var local = Local(DecoderOutput.Wavelet);
        Assert.Null(NetworkSummary.Of(local with { Decoder = local.Decoder with { Attention = true } }, 8, 8).Decoder.ReceptiveField);
        Assert.Null(NetworkSummary.Of(WeightFiles.TinyOpenLiteVae, 8, 8).Encoder.ReceptiveField);
        Assert.Null(NetworkSummary.Of(WeightFiles.TinyKL, 8, 8).Decoder.ReceptiveField);
    }

    /// <summary>
    /// A network whose output is exactly 0 for an input of 0 and that hides nothing: random weights, gains of 1 (fresh blocks pass their input
    /// on unchanged), no biases, and doubles, since what comes through tens of convolutions is too small for single precision.
    /// </summary>
    private static AutoencoderNetwork Awake(ModelArchitecture architecture)
    {
        var network = AutoencoderNetwork.Create(architecture);
        using var noGradient = no_grad();
        foreach (var (name, parameter) in network.named_parameters())
        {
            if (parameter.dim() == 4)
            {
                nn.init.normal_(parameter);
            }
            else if (name.EndsWith("bias", StringComparison.Ordinal))
            {
                nn.init.zeros_(parameter);
            }
            else
            {
                nn.init.ones_(parameter);
            }
        }

        network.to(ScalarType.Float64);
        return network;
    }
}
