namespace LiteVae.Tests.Inference;

public sealed class LiteVaeConfigTests
{
    [Fact]
    public void A_null_factor_as_Diffusers_writes_it_changes_nothing()
    {
        var config = LiteVaeConfig.Parse("""{"scaling_factor": null, "shift_factor": null}""", "test");
        Assert.Equal((1, 0), (config.ScalingFactor, config.ShiftFactor));
    }

    [Fact]
    public void Factors_survive_the_text()
    {
        var config = LiteVaeConfig.Parse(new LiteVaeConfig { ScalingFactor = 0.18215, ShiftFactor = -0.1159 }.ToJson(), "test");
        Assert.Equal((0.18215, -0.1159), (config.ScalingFactor, config.ShiftFactor));
    }

    [Fact]
    public void What_the_encoder_emits_is_written_where_it_is_not_moments()
    {
        Assert.DoesNotContain("encoder_output", new LiteVaeConfig().ToJson());
        var latents = new LiteVaeConfig { EncoderOutput = EncoderOutput.Latent }.ToJson();
        Assert.Contains("\"encoder_output\": \"latent\"", latents);
        Assert.Equal(EncoderOutput.Latent, LiteVaeConfig.Parse(latents, "test").EncoderOutput);
    }

    [Theory]
    [InlineData("""{"encoder_output": "images"}""", "encoder_output")]
    [InlineData("""{"encoder_output": 7}""", "encoder_output is 7; allowed are moments and latent")]
    [InlineData("""{"scaling_factor": 1e-50}""", "scaling_factor is 1E-50")]
    [InlineData("""{"scaling_factor": -1e39}""", "scaling_factor is -1E+39")]
    [InlineData("""{"scaling_factor": "1"}""", "scaling_factor")]
    [InlineData("""{"shift_factor": 1e39}""", "shift_factor is 1E+39")]
    [InlineData("""{"preprocessing": {"color_space": "BGR"}}""", "BGR from -1 to 1")]
    [InlineData("""{"preprocessing": {"minimum": 0, "maximum": 255}}""", "RGB from 0 to 255")]
    [InlineData("""{"preprocessing": null}""", "preprocessing")]
    [InlineData("""{"latent_channels": 4, "architecture": {"latent_channels": 16}}""", "architecture.latent_channels is 16 and latent_channels is 4")]
    public void Values_that_this_library_cannot_work_with_are_refused(string json, string fault)
    {
        var error = Assert.Throws<InvalidDataException>(() => LiteVaeConfig.Parse(json, "models/mine/config.json"));
        Assert.StartsWith("models/mine/config.json: ", error.Message);
        Assert.Contains(fault, error.Message);
    }

    [Theory]
    [InlineData(1e-50, 0)]
    [InlineData(1e39, 0)]
    [InlineData(1, -1e39)]
    public void A_scaling_that_single_precision_does_not_hold_is_refused(double factor, double shift) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new LatentScaling(factor, shift));
}
