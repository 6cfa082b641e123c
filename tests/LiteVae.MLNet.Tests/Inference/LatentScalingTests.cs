namespace LiteVae.Tests.Inference;

public sealed class LatentScalingTests
{
    [Fact]
    public void A_scaled_latent_is_the_latent_less_the_shift_times_the_factor()
    {
        var scaling = LatentScaling.From(TinyModels.Config);
        var scaled = new float[3];
        scaling.ToScaled([0.5f, 1, -2], scaled);
        Assert.Equal([0, 2, -10], scaled);

        scaling.ToLatent(scaled, scaled);
        Assert.Equal([0.5f, 1, -2], scaled);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(double.NaN, 0)]
    [InlineData(1, double.PositiveInfinity)]
    public void Numbers_that_cannot_be_undone_are_refused(double factor, double shift) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new LatentScaling(factor, shift));
}
