namespace LiteVae.Training.Tests.Import;

/// <summary>An architecture told from the shapes of its own network is that architecture.</summary>
public sealed class ArchitectureInferenceTests : TorchTest
{
    private static readonly AutoencoderKLArchitecture StableDiffusion3 = new() { LatentChannels = 16, UseQuantConv = false, UsePostQuantConv = false };

    private static readonly OpenLiteVaeEncoderShape EncoderM = new()
    {
        ExtractorChannels = 64, ExtractorMult = [1, 2, 4], ExtractorResblocks = 5, AggregateChannels = 32, AggregateMult = [1, 2, 3], AggregateResblocks = 4,
    };

    public static TheoryData<string> Architectures => [.. Named.Keys];

    private static Dictionary<string, ModelArchitecture> Named => new()
    {
        ["open-litevae B"] = new OpenLiteVaeArchitecture(),
        ["open-litevae M, quant"] = new OpenLiteVaeArchitecture { EmbedDim = 16, UseQuant = true, Encoder = EncoderM },
        ["open-litevae of one level"] = WeightFiles.TinyOpenLiteVae,
        ["Stable Diffusion 1"] = new AutoencoderKLArchitecture(),
        ["Stable Diffusion 3"] = StableDiffusion3,
        ["AutoencoderKL of factor 4 without attention"] = new AutoencoderKLArchitecture { BlockOutChannels = [32, 96, 64], LayersPerBlock = 3, MidBlockAddAttention = false },
        ["AutoencoderKL of one level"] = new AutoencoderKLArchitecture { BlockOutChannels = [32], LayersPerBlock = 1, UseQuantConv = false },
    };

    [Theory]
    [MemberData(nameof(Architectures))]
    public void The_shapes_of_a_network_give_its_architecture_back(string name)
    {
        var architecture = Named[name];
        IWeightFormat format = architecture is OpenLiteVaeArchitecture ? new OpenLiteVaeFormat() : new AutoencoderKLFormat();
        var (config, scaling) = format.Configure(WeightFiles.ShapesOf(architecture), null);
        Assert.Equal(ScalingSource.NotStated, scaling);
        Assert.Equal(new LiteVaeConfig { Architecture = architecture }.ToJson(), new LiteVaeConfig { Architecture = config.Architecture }.ToJson());
        Assert.Equal((architecture.LatentChannels, architecture.DownsamplingFactor), (config.LatentChannels, config.DownsamplingFactor));
    }

    [Fact]
    public void Widths_that_are_no_multiples_are_refused()
    {
        var shapes = new WeightShapes("file", new Dictionary<string, IReadOnlyList<long>>());
        Assert.Contains("32, 48 channels", Assert.Throws<InvalidDataException>(() => shapes.Multipliers([32, 48], "decoder.up")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbered_parts_are_counted_up_to_the_first_gap()
    {
        var shapes = new WeightShapes("file", new[] { "a.0.x", "a.1.x", "a.10.x", "a.3.x", "ab.0.x", "a.2" }.ToDictionary(name => name, _ => (IReadOnlyList<long>)[]));
        Assert.Equal((2, 1, 0), (shapes.Count("a"), shapes.Count("ab"), shapes.Count("b")));
    }
}
