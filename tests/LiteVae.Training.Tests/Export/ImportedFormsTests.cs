using LiteVae.Training.Tests.Import;
using Proto = LiteVae.Formats.Onnx;

namespace LiteVae.Training.Tests.Export;

/// <summary>The ONNX forms of the architectures that are imported.</summary>
public sealed class ImportedFormsTests : TorchTest
{
    private static readonly Dictionary<string, ModelArchitecture> Forms = new()
    {
        ["open-litevae"] = WeightFiles.TinyOpenLiteVae,
        ["open-litevae, convolutions around the latent"] = WeightFiles.TinyOpenLiteVae with { UseQuant = true },
        ["open-litevae, deeper"] = WeightFiles.TinyOpenLiteVae with
        {
            Encoder = WeightFiles.TinyOpenLiteVae.Encoder with { ExtractorMult = [2, 1, 1], AggregateMult = [1, 3] },
            Decoder = WeightFiles.TinyOpenLiteVae.Decoder with { NumResBlocks = 1, ChannelMult = [3, 2, 1, 1] },
        },
        ["AutoencoderKL, factor 4"] = WeightFiles.TinyKL,
        ["AutoencoderKL, factor 1, bare"] = WeightFiles.TinyKL with { BlockOutChannels = [32], UseQuantConv = false, UsePostQuantConv = false, MidBlockAddAttention = false },
        ["AutoencoderKL, factor 1, attention"] = WeightFiles.TinyKL with { BlockOutChannels = [32] },
        ["AutoencoderKL, factor 8, other groups"] = WeightFiles.TinyKL with { BlockOutChannels = [12, 12, 24, 24], NormNumGroups = 4, LayersPerBlock = 2 },
    };

    public static TheoryData<string> Names => [.. Forms.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Onnx_Runtime_gives_what_TorchSharp_gives(string form)
    {
        using var network = TinyNetwork.Create(Forms[form]);
        var (encoder, decoder) = OnnxExporter.ToOnnx(network, Config(network));
        var report = ParityCheck.Run(network, encoder, decoder);
        Assert.Equal(12, report.Rows.Count);
        Assert.True(report.Passed, report.ToTable());
    }

    [Theory]
    [InlineData(1, 8, 8, 20, 12, 24, 32)] // attention over 768 positions; over as many pixels as at factor 8 it would take 10 GB a copy
    [InlineData(4, 32, 32, 80, 48, 96, 128)]
    [InlineData(8, 64, 64, 160, 96, 192, 256)] // what the shipped parity.json was measured at
    [InlineData(64, 64, 64, 192, 128, 192, 256)]
    public void The_compared_images_have_the_same_latents_at_each_factor_but_do_not_grow_beyond_factor_8(int factor, params int[] sides)
    {
        var channels = Enumerable.Repeat(4, int.Log2(factor) + 1);
        using var network = TinyNetwork.Create(WeightFiles.TinyKL with { BlockOutChannels = [.. channels], NormNumGroups = 2 });
        var (encoder, decoder) = OnnxExporter.ToOnnx(network, Config(network));
        var rows = ParityCheck.Run(network, encoder, decoder).Rows;
        Assert.Equal(sides.Chunk(2).Select(side => (side[0], side[1])), rows.Select(row => (row.Width, row.Height)).Distinct());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_tensor_of_the_network_is_in_a_graph_and_read(string form)
    {
        using var network = TinyNetwork.Create(Forms[form]);
        var (encoder, decoder) = OnnxExporter.ToOnnx(network, Config(network));
        var read = new[] { encoder, decoder }.Select(Proto.Model.Parser.ParseFrom).SelectMany(model =>
        {
            var used = model.Graph.Node.SelectMany(node => node.Input).ToHashSet();
            return model.Graph.Initializer.Select(tensor => tensor.Name).Where(used.Contains);
        }).ToHashSet();

        // A self-modulated convolution is folded into a plain one, which has a weight and a bias of its own.
        var names = network.named_parameters().Select(entry => entry.name).ToHashSet();
        var folded = names.Where(name => name.EndsWith(".gain", StringComparison.Ordinal)).Select(name => name[..^5]).ToList();
        var wanted = names.Where(name => !folded.Any(convolution => name.StartsWith($"{convolution}.", StringComparison.Ordinal)))
            .Concat(folded.SelectMany(convolution => new[] { $"{convolution}.weight", $"{convolution}.bias" }));
        Assert.Empty(wanted.Except(read));
    }

    [Fact]
    public void The_graphs_name_the_factor_of_their_network()
    {
        using var network = TinyNetwork.Create(WeightFiles.TinyKL);
        var (encoder, decoder) = OnnxExporter.ToOnnx(network, Config(network));
        Assert.Equal(["N", "8", "H/4", "W/4"], Dimensions(Proto.Model.Parser.ParseFrom(encoder)));
        Assert.Equal(["N", "3", "4h", "4w"], Dimensions(Proto.Model.Parser.ParseFrom(decoder)));
    }

    private static IEnumerable<string> Dimensions(Proto.Model model) =>
        model.Graph.Output.Single().Type.TensorType.Shape.Dim.Select(dim => dim.HasDimParam ? dim.DimParam : $"{dim.DimValue}");

    private static LiteVaeConfig Config(AutoencoderNetwork network) => new()
    {
        Name = "tiny",
        LatentChannels = network.Architecture.LatentChannels,
        DownsamplingFactor = network.Architecture.DownsamplingFactor,
        Architecture = network.Architecture,
    };
}
