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
