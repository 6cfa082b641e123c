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
        var ema = new ExponentialMovingAverage(network, average, 0.5);
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
    }
}
