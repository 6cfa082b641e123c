namespace LiteVae.Tests.Inference;

public sealed class LiteVaeArchitectureTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("""{"latent_channels": 12, "encoder": {"extractor": {"width": 1024, "multipliers": [1, 2, 3, 4, 5, 6, 7, 16]}}}""")]
    [InlineData("""{"decoder": {"output": "wavelet", "multipliers": [1, 2, 16], "blocks_per_level": 8, "width": 1}}""")]
    public void An_architecture_in_range_is_read(string json) => Assert.NotNull(Parse(json).Architecture);

    [Theory]
    [InlineData("""{"encoder": {"extractor": {"width": 0, "multipliers": [1]}}}""", "architecture.encoder.extractor.width is 0; allowed are 1 to 1024.")]
    [InlineData("""{"encoder": {"aggregator": {"width": 1025, "multipliers": [1]}}}""", "architecture.encoder.aggregator.width is 1025")]
    [InlineData("""{"encoder": {"extractor": {"width": 8, "multipliers": []}}}""", "architecture.encoder.extractor.multipliers has 0 entries; allowed are 1 to 8.")]
    [InlineData("""{"encoder": {"extractor": {"width": 8, "multipliers": [1, 1, 1, 1, 1, 1, 1, 1, 1]}}}""", "multipliers has 9 entries")]
    [InlineData("""{"encoder": {"extractor": {"width": 8, "multipliers": [1, 17]}}}""", "architecture.encoder.extractor.multipliers[1] is 17; allowed are 1 to 16.")]
    [InlineData("""{"encoder": {"norm": 7}}""", "architecture.encoder.norm is 7; allowed are GroupNorm, SelfModulated.")]
    [InlineData("""{"decoder": {"width": 2000}}""", "architecture.decoder.width is 2000")]
    [InlineData("""{"decoder": {"blocks_per_level": 9}}""", "architecture.decoder.blocks_per_level is 9; allowed are 1 to 8.")]
    [InlineData("""{"decoder": {"multipliers": [1, 2, 4]}}""", "architecture.decoder.multipliers has 3 entries; the Image output needs 4.")]
    [InlineData("""{"decoder": {"output": "wavelet"}}""", "architecture.decoder.multipliers has 4 entries; the Wavelet output needs 3.")]
    [InlineData("""{"decoder": {"output": 5}}""", "architecture.decoder.output is 5")]
    [InlineData("""{"encoder": null}""", "encoder")]
    [InlineData("""{"encoder": {"extractor": null}}""", "extractor")]
    [InlineData("""{"encoder": {"extractor": {"width": 8, "multipliers": null}}}""", "multipliers")]
    [InlineData("""{"encoder": {"extractor": {"width": 8}}}""", "multipliers")]
    [InlineData("""{"decoder": {"multipliers": [null, 1, 1, 1]}}""", "multipliers")]
    public void A_member_out_of_range_is_refused_with_its_value(string json, string fault) =>
        Assert.Contains(fault, Assert.Throws<InvalidDataException>(() => Parse(json)).Message);

    [Theory]
    [InlineData("""{"type": "open-litevae", "encoder": {"extractor_channels": 12}}""", "architecture.encoder.extractor_channels is 12; it must be a multiple of 8")]
    [InlineData("""{"type": "open-litevae", "encoder": {"aggregate_mult": [1, 17]}}""", "architecture.encoder.aggregate_mult[1] is 17; allowed are 1 to 16.")]
    [InlineData("""{"type": "open-litevae", "encoder": {"extractor_resblocks": 9}}""", "architecture.encoder.extractor_resblocks is 9; allowed are 1 to 8.")]
    [InlineData("""{"type": "open-litevae", "decoder": {"channel_mult": [1, 2]}}""", "architecture.decoder.channel_mult has 2 entries; it needs 4.")]
    [InlineData("""{"type": "open-litevae", "decoder": {"channels": 5000}}""", "architecture.decoder.channels is 5000")]
    [InlineData("""{"type": "autoencoder-kl", "latent_channels": 12, "block_out_channels": []}""", "architecture.block_out_channels has 0 entries; allowed are 1 to 7.")]
    [InlineData("""{"type": "autoencoder-kl", "latent_channels": 12, "block_out_channels": [32, 5000]}""", "architecture.block_out_channels[1] is 5000; allowed are 1 to 4096.")]
    [InlineData("""{"type": "autoencoder-kl", "latent_channels": 12, "block_out_channels": [48]}""", "architecture.norm_num_groups is 32, which does not divide the 48")]
    [InlineData("""{"type": "autoencoder-kl", "latent_channels": 12, "norm_num_groups": 0}""", "architecture.norm_num_groups is 0")]
    [InlineData("""{"type": "autoencoder-kl", "latent_channels": 12, "layers_per_block": 0}""", "architecture.layers_per_block is 0; allowed are 1 to 8.")]
    [InlineData("""{"type": "autoencoder-kl", "latent_channels": 16}""", "architecture.latent_channels is 16 and latent_channels is 12; they must be equal.")]
    [InlineData("""{"type": "autoencoder-kl", "latent_channels": 12, "block_out_channels": [32, 32]}""", "downsampling_factor is 8; that of the architecture is 2.")]
    [InlineData("""{"type": "vq-gan"}""", "architecture.type is 'vq-gan'; known are litevae, open-litevae, autoencoder-kl.")]
    [InlineData("""{"type": 7}""", "architecture.type is '7'")]
    public void So_is_one_of_an_imported_architecture(string json, string fault) =>
        Assert.Contains(fault, Assert.Throws<InvalidDataException>(() => Parse(json)).Message);

    [Fact]
    public void Every_kind_of_architecture_survives_the_text()
    {
        ModelArchitecture[] architectures =
        [
            new LiteVaeArchitecture { LatentChannels = 12, LatentConvolutions = true },
            new OpenLiteVaeArchitecture { UseQuant = true, Decoder = new OpenLiteVaeDecoderShape { NumResBlocks = 0 } },
            new AutoencoderKLArchitecture { LatentChannels = 12, UsePostQuantConv = false, LayersPerBlock = 3 },
        ];
        foreach (var architecture in architectures)
        {
            var text = new LiteVaeConfig { Architecture = architecture }.ToJson();
            var back = LiteVaeConfig.Parse(text, "test");
            Assert.IsType(architecture.GetType(), back.Architecture);
            Assert.Equal(text, back.ToJson());
        }
    }

    [Fact]
    public void All_faults_are_reported_at_once_also_members_that_code_left_null()
    {
        var architecture = new LiteVaeArchitecture
        {
            LatentChannels = 0,
            Encoder = new LiteVaeEncoderShape { Extractor = null!, Aggregator = new UNetShape(16, null!) },
            Decoder = null!,
        };
        Assert.Equal(
            [
                "architecture.latent_channels is 0; allowed are 1 to 256.",
                "architecture.encoder.extractor is missing.",
                "architecture.encoder.aggregator.multipliers is missing.",
                "architecture.decoder is missing.",
            ],
            architecture.Faults());
    }

    private static LiteVaeConfig Parse(string architecture) => LiteVaeConfig.Parse($$"""{"architecture": {{architecture}}}""", "test");
}
