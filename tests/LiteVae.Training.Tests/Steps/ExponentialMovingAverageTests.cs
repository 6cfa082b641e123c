using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Steps;

public sealed class ExponentialMovingAverageTests : TorchTest
{
    [Fact]
    public void It_starts_as_a_copy_and_follows_with_a_decay_that_grows()
    {
        using var folder = new LiteVae.Tests.TemporaryFolder();
        var architecture = TrainingPictures.Options(folder).Architecture;
        using var network = new LiteVaeNetwork(architecture);
        using var average = new LiteVaeNetwork(architecture);
        var ema = new ExponentialMovingAverage(new FlatParameters(average, trained: false), new FlatParameters(network), 0.5);
        var (weight, mean) = (network.decoder.stem.weight, average.decoder.stem.weight);
        var start = weight.detach().clone();
        Golden.AssertClose(start, mean, 0);

        using (no_grad())
        {
            weight.add_(ones_like(weight));
        }

        ema.Update(0); // decay min(0.5, 1 / 10)
        Golden.AssertClose(start + 0.9, mean, 1e-6);
        ema.Update(1_000); // decay 0.5
        Golden.AssertClose(start + 0.95, mean, 1e-6);
        Assert.False(mean.requires_grad);
    }

    [Theory]
    [InlineData(0.05, 16.97)] // Karras et al. 2024, table of gamma for the widths
    [InlineData(0.10, 6.94)]
    public void A_width_has_the_exponent_of_the_paper(double width, double exponent) =>
        Assert.Equal(exponent, ExponentialMovingAverage.Exponent(width), 2);

    [Fact]
    public void A_power_function_average_weighs_each_step_by_a_power_of_its_time()
    {
        using var weights = nn.Linear(1, 1, hasBias: false);
        using var average = nn.Linear(1, 1, hasBias: false);
        var (flat, mean) = (new FlatParameters(weights), new FlatParameters(average, trained: false));
        const double width = 0.1;
        var ema = new ExponentialMovingAverage(mean, flat, 0, width);
        const int steps = 200;
        for (var step = 0; step < steps; step++)
        {
            using var value = full(1, (float)step);
            using (no_grad())
            {
                flat.Values.copy_(value);
            }

            ema.Update(step);
        }

        // independently: the weight of step t in the average after n is proportional to what a product of decays leaves of it
        var gamma = ExponentialMovingAverage.Exponent(width);
        var (sum, total) = (0.0, 0.0);
        for (var step = 0; step < steps; step++)
        {
            var share = 1 - Math.Pow(1 - (1.0 / (step + 1)), gamma + 1);
            for (var later = step + 1; later < steps; later++)
            {
                share *= Math.Pow(1 - (1.0 / (later + 1)), gamma + 1);
            }

            (sum, total) = (sum + (share * step), total + share);
        }

        Assert.Equal(1, total, 6); // what the average began as is forgotten
        Assert.Equal(sum, mean.Values.item<float>(), 1e-3 * steps);

        // and its spread is the width asked for: the mean time is (gamma + 1) / (gamma + 2) of the run
        Assert.Equal((gamma + 1) / (gamma + 2) * steps, mean.Values.item<float>(), 1.5);

    }
}
