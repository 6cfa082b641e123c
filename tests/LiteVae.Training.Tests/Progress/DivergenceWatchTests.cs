namespace LiteVae.Training.Tests.Progress;

public sealed class DivergenceWatchTests
{
    private readonly DivergenceWatch _watch = new();
    private readonly TrainingStage _stage = new();

    [Fact]
    public void A_healthy_noisy_run_warns_of_nothing()
    {
        var random = new Random(1);
        Assert.Empty(Enumerable.Range(0, 3_000).SelectMany(step => Step(step, (0.05 + (0.2 * Math.Exp(-step / 300.0))) * (0.6 + (0.8 * random.NextDouble())), 0.1 + (3 * random.NextDouble()))));
    }

    [Fact]
    public void A_loss_that_doubles_is_told_once()
    {
        var warnings = Enumerable.Range(0, 1_000).SelectMany(step => Step(step, step < 500 ? 0.05 : 0.15, 1)).ToList();
        var warning = Assert.Single(warnings);
        Assert.Matches(@"^the reconstruction loss.*more than 2 times the lowest so far, 0\.05.*lower the learning rate", warning);
    }

    [Fact]
    public void A_sign_that_went_and_comes_again_is_told_again()
    {
        var warnings = Enumerable.Range(0, 3_000).SelectMany(step => Step(step, step is (> 500 and < 800) or > 2_000 ? 0.15 : 0.05, 1)).ToList();
        Assert.Equal(2, warnings.Count);
    }

    [Fact]
    public void A_gradient_far_beyond_the_usual_is_told_and_does_not_become_the_usual()
    {
        var warnings = Enumerable.Range(0, 400).SelectMany(step => Step(step, 0.05, step is 300 or 350 ? 1_000 : 1)).ToList();
        Assert.Equal(2, warnings.Count);
        Assert.StartsWith("the gradient of the network's weights has norm 1000", warnings[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_stage_may_have_losses_of_its_own()
    {
        Assert.Empty(Enumerable.Range(0, 500).SelectMany(step => Step(step, 0.05, 1)));
        Assert.Empty(Enumerable.Range(500, 500).SelectMany(step => _watch.Step(Losses(step, 0.5, 100), new TrainingStage { Resolution = 256 })));
    }

    [Fact]
    public void A_dead_channel_and_a_collapsed_posterior_are_named()
    {
        var healthy = Latents(isDead: false, kl: 2);
        Assert.Empty(_watch.Latents(healthy));
        var warning = Assert.Single(_watch.Latents(Latents(isDead: true, kl: 2)));
        Assert.Contains("latent channel 1 (row 1 of encoder.aggregate.head.weight) is dead", warning, StringComparison.Ordinal);
        Assert.Contains("collapsed", Assert.Single(_watch.Latents(Latents(isDead: true, kl: 0.001))), StringComparison.Ordinal);
        Assert.Empty(_watch.Latents(healthy));
    }

    private IEnumerable<string> Step(long step, double loss, double gradient) => _watch.Step(Losses(step, loss, gradient), _stage);

    private static StepLosses Losses(long step, double loss, double gradient) => new() { Step = step, Reconstruction = loss, GradientNorm = gradient };

    private static LatentReport Latents(bool isDead, double kl) =>
        new(1, 0, 1, isDead ? 1 : 0, kl, [new LatentChannel(0, 1, kl, false), new LatentChannel(0, isDead ? 1e-6 : 1, kl, isDead)], null, 0);
}
