using TorchSharp;

namespace LiteVae.Training;

/// <summary>Stops a training whose numbers are no numbers any more, and says where that began.</summary>
internal static class NanGuard
{
    /// <summary>Looks at what a step measured.</summary>
    /// <param name="losses">Its losses.</param>
    /// <param name="state">What is trained; the network's gradients are still those of the latest step.</param>
    /// <exception cref="TrainingDivergedException">A loss or the gradient's norm is not finite; the message names step and tensor.</exception>
    public static void Check(StepLosses losses, TrainingState state)
    {
        var faults = new (string Name, double? Value)[]
        {
            ("reconstruction loss", losses.Reconstruction), ("KL loss", losses.Kl), ("wavelet loss", losses.Wavelet), ("Gaussian loss", losses.Gaussian), ("LPIPS loss", losses.Lpips),
            ("VGG feature loss", losses.VggFeatures), ("adversarial loss", losses.Adversarial), ("discriminator's loss", losses.Discriminator), ("total loss", losses.Total),
            ("gradient's norm", losses.GradientNorm), ("discriminator's gradient's norm", losses.DiscriminatorGradientNorm),
        }.Where(loss => loss.Value is { } value && !double.IsFinite(value)).ToList();
        if (faults.Count == 0)
        {
            return;
        }

        throw new TrainingDivergedException(
            losses.Step, $"the {faults[0].Name} is {faults[0].Value}; {Culprit(state)}. The last checkpoint is kept: resume from it with a lower learning rate.");
    }

    private static string Culprit(TrainingState state)
    {
        using var scope = torch.NewDisposeScope();
        using var noGradient = torch.no_grad();
        var gradient = state.Network.named_parameters().Where(p => p.parameter.grad is { } grad && !IsFinite(grad)).Select(p => p.name).FirstOrDefault();
        var weights = state.Network.named_parameters().Select(p => (Name: p.name, Values: (torch.Tensor)p.parameter)).Concat(state.Adversary?.Weights() ?? []);
        var weight = weights.Where(p => !IsFinite(p.Values)).Select(p => p.Name).FirstOrDefault();
        return (gradient, weight) switch
        {
            (null, null) => "all gradients and weights are finite",
            ({ } first, null) => $"the first gradient that is not finite is that of {first}",
            (_, { } first) => $"the first weight that is not finite is {first}",
        };

        static bool IsFinite(torch.Tensor tensor) => tensor.isfinite().all().item<bool>();
    }
}
