using LiteVae.Tests;
using LiteVae.Training.Tests.Import;

namespace LiteVae.Training.Tests.Export;

/// <summary>What the exported graphs say of how far they see, against what is counted in the networks.</summary>
public sealed class GraphLocalityTests : IDisposable
{
    private static readonly Dictionary<string, ModelArchitecture> Architectures = new()
    {
        ["norm-free, wavelet"] = TinyNetwork.Architecture(BlockNorm.SelfModulated, BlockNorm.SelfModulated, attention: false, DecoderOutput.Wavelet),
        ["norm-free, image"] = TinyNetwork.Architecture(BlockNorm.SelfModulated, BlockNorm.SelfModulated, attention: false, latentConvolutions: true, sharedExtractors: true),
        ["norm-free with attention"] = TinyNetwork.Architecture(BlockNorm.SelfModulated, BlockNorm.SelfModulated),
        ["group norm"] = TinyNetwork.Architecture(),
        ["group norm without attention"] = TinyNetwork.Architecture(attention: false),
        ["open-litevae"] = WeightFiles.TinyOpenLiteVae with { UseQuant = true },
        ["AutoencoderKL"] = WeightFiles.TinyKL,
        ["the default model's"] = LiteVaePreset.Get("S", 12) with
        {
            Encoder = LiteVaePreset.Get("S", 12).Encoder with { Norm = BlockNorm.SelfModulated },
            Decoder = LiteVaePreset.CompactDecoder,
        },
    };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. Architectures.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void The_graphs_receptive_field_is_the_networks(string name)
    {
        var architecture = Architectures[name];
        var counted = NetworkSummary.Of(architecture, architecture.DownsamplingFactor, architecture.DownsamplingFactor);
        using var network = TinyNetwork.Create(architecture);
        var config = new LiteVaeConfig { Name = "tiny", LatentChannels = architecture.LatentChannels, DownsamplingFactor = architecture.DownsamplingFactor, Architecture = architecture };
        var (encoder, decoder) = OnnxExporter.ToOnnx(network, config);
        var encodes = Locality.OfEncoder(OnnxModelFile.Parse("encoder", encoder), architecture.DownsamplingFactor);
        var decodes = Locality.OfDecoder(OnnxModelFile.Parse("decoder", decoder), architecture.DownsamplingFactor);

        Assert.Equal(counted.Encoder.ReceptiveField, encodes?.ReceptiveField);
        Assert.Equal(counted.Decoder.ReceptiveField, decodes?.ReceptiveField);

        // A latent's field is its own pixels with a halo on both sides. A pixel's is at most that: not every pixel of a latent sees as far on both sides.
        Assert.Equal(counted.Encoder.ReceptiveField, encodes is null ? null : (2 * encodes.Halo) + architecture.DownsamplingFactor);
        Assert.True(decodes is null || (decodes.ReceptiveField <= (2 * decodes.Halo) + architecture.DownsamplingFactor && decodes.ReceptiveField > 2 * (decodes.Halo - architecture.DownsamplingFactor)));
    }
}
