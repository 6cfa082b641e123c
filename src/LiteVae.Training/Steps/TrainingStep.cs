using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>One optimiser step: forward, losses, backward, clip, Adam.</summary>
internal sealed class TrainingStep(LiteVaeNetwork network, Adam optimizer, LiteVaeTrainerOptions options, Device device)
{
    private readonly Parameter[] _parameters = [.. network.parameters()];

    /// <summary>Runs the step and reads its losses.</summary>
    /// <param name="step">Number of the step, from 0.</param>
    /// <param name="stage">The stage it belongs to.</param>
    /// <param name="batch">Images [N, 3, R, R] in [-1, 1].</param>
    /// <exception cref="TrainingDivergedException">A loss or the gradient is not finite; the weights are as before the step.</exception>
    public StepLosses Run(long step, TrainingStage stage, PixelTensor batch)
    {
        using var scope = NewDisposeScope();
        var weights = stage.Losses;
        var learningRate = options.LearningRate.At(step, options.TotalSteps);
        var image = tensor(batch.Data, [batch.Count, 3, batch.Height, batch.Width]).to(device);

        // forward: a posterior sample, its noise a function of seed and step alone
        var posterior = new DiagonalGaussian(network.Encode(image));
        using var generator = new Generator(new CounterRandom((ulong)options.Seed, (ulong)step).NextBits(), device);
        var noise = randn(posterior.Mean.shape, device: device, generator: generator);
        var reconstruction = network.Decode(posterior.Sample(noise));

        // losses
        var l1 = ReconstructionLoss.Compute(image, reconstruction);
        var kl = KlLoss.Compute(posterior);
        var wavelet = WaveletLoss.Compute(image, reconstruction);
        var gaussian = GaussianLoss.Compute(image, reconstruction);
        var total = l1.Times(weights.Reconstruction).Plus(kl.Times(weights.Kl)).Plus(wavelet.Times(weights.Wavelet)).Plus(gaussian.Times(weights.Gaussian));
        var losses = new StepLosses
        {
            Step = step,
            Total = total.item<float>(),
            Reconstruction = l1.item<float>(),
            Kl = kl.item<float>(),
            Wavelet = wavelet.item<float>(),
            Gaussian = gaussian.item<float>(),
            Psnr = 10 * Math.Log10(4 / (reconstruction.detach() - image).Squared().mean().item<float>()), // peak to peak is 2
            LearningRate = learningRate,
        };
        Guard(double.IsFinite(losses.Total), step, $"the loss is {losses.Total} (reconstruction {losses.Reconstruction}, KL {losses.Kl})");

        // backward and update
        network.zero_grad();
        total.backward();
        var norm = nn.utils.clip_grad_norm_(_parameters, options.GradientClip);
        Guard(double.IsFinite(norm), step, $"the gradient's norm is {norm}");
        optimizer.Step(step, learningRate);
        return losses with { GradientNorm = norm };
    }

    private void Guard(bool finite, long step, string what)
    {
        if (!finite)
        {
            var culprit = network.named_parameters().Where(p => !p.parameter.isfinite().all().item<bool>()).Select(p => p.name).FirstOrDefault();
            throw new TrainingDivergedException(
                $"Step {step}: {what}; {(culprit is null ? "all weights are finite" : $"the first weight that is not finite is {culprit}")}. "
                + "The last checkpoint is kept: resume from it with a lower learning rate.");
        }
    }
}

/// <summary>What one step measured: losses before weighting, on the step's own batch.</summary>
public sealed record StepLosses
{
    /// <summary>Number of the step, from 0.</summary>
    public long Step { get; init; }

    /// <summary>The weighted sum.</summary>
    public double Total { get; init; }

    /// <summary>Mean absolute error, in units of [-1, 1].</summary>
    public double Reconstruction { get; init; }

    /// <summary>KL divergence, nats a latent value.</summary>
    public double Kl { get; init; }

    /// <summary>Charbonnier distance of the high wavelet bands.</summary>
    public double Wavelet { get; init; }

    /// <summary>Absolute error of what a Gaussian blur removes.</summary>
    public double Gaussian { get; init; }

    /// <summary>PSNR in dB of the whole batch, from posterior samples, neither clamped nor rounded.</summary>
    public double Psnr { get; init; }

    /// <summary>Norm of the gradient before clipping.</summary>
    public double GradientNorm { get; init; }

    /// <summary>The learning rate used.</summary>
    public double LearningRate { get; init; }
}

/// <summary>A loss or a gradient is not finite: training cannot go on.</summary>
public sealed class TrainingDivergedException(string message) : Exception(message);
