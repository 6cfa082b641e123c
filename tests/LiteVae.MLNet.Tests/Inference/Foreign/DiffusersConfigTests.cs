namespace LiteVae.Tests.Inference.Foreign;

public sealed class DiffusersConfigTests
{
    [Theory]
    [InlineData("""{"_class_name": "AutoencoderKL"}""", 0.18215, 0)]
    [InlineData("""{"_class_name": "AutoencoderKL", "scaling_factor": 0.13025}""", 0.13025, 0)]
    [InlineData("""{"_class_name": "AutoencoderKL", "scaling_factor": 0.3611, "shift_factor": 0.1159}""", 0.3611, 0.1159)]
    [InlineData("""{"_class_name": "AutoencoderKL", "scaling_factor": null, "shift_factor": null}""", 0.18215, 0)]
    [InlineData("""{"_class_name": "AutoencoderTiny", "latent_magnitude": 3}""", 1, 0)]
    [InlineData("""{"model_type": "something else"}""", 1, 0)]
    public void The_scaling_is_what_Diffusers_would_take(string json, double factor, double shift) =>
        Assert.Equal(new DiffusersConfig(factor, shift), DiffusersConfig.Parse(json, "test"));

    [Theory]
    [InlineData("""{"schema_version": 1, "scaling_factor": 2}""")]
    [InlineData("[1]")]
    [InlineData("{")]
    public void A_config_of_this_library_and_what_is_no_object_are_not_of_another_program(string json) => Assert.Null(DiffusersConfig.Parse(json, "test"));

    [Fact]
    public void A_factor_that_is_no_number_is_refused()
    {
        var error = Assert.Throws<InvalidDataException>(() => DiffusersConfig.Parse("""{"scaling_factor": "large"}""", "vae/config.json"));
        Assert.Contains("vae/config.json: scaling_factor is String", error.Message);
    }
}
