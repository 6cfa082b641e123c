namespace LiteVae.Training.Tests.Steps;

public sealed class LearningRateScheduleTests
{
    [Theory]
    [InlineData(0, 0.1)]    // 1 of 10 warm-up steps
    [InlineData(9, 1)]      // the last of them
    [InlineData(10, 1)]     // the cosine begins
    [InlineData(60, 0.6)]   // half way: the middle of 1 and 0.2
    [InlineData(110, 0.2)]  // the end
    [InlineData(200, 0.2)]  // beyond it
    public void It_warms_up_and_decays_as_a_cosine(long step, double expected) =>
        Assert.Equal(expected, new LearningRateSchedule { Peak = 1, WarmupSteps = 10, FinalShare = 0.2 }.At(step, 110), 9);

    [Fact]
    public void By_default_it_is_constant() => Assert.Equal(1e-4, new LearningRateSchedule().At(12_345, 100_000));
}
