using System.Globalization;

namespace LiteVae.Training;

/// <summary>Sees a training go wrong before its numbers are no numbers any more: each sign is said once, with its tensor, and again only after it was gone.</summary>
internal sealed class DivergenceWatch
{
    // Ours: far outside of what healthy runs show (their smoothed loss rises by some percent at most, single gradients by a few times), early enough to act on.
    private const double LossRise = 2;
    private const double GradientRise = 20;
    private const double CollapsedKl = 0.01; // nats per latent value: an informative channel has several

    private const int SettlingSteps = 100;   // after a stage or an adversary has begun
    private const double Smoothing = 0.98;   // of the last 50 steps or so

    private readonly HashSet<string> _said = [];
    private TrainingStage? _stage;
    private bool _hasAdversary;
    private int _settled;
    private double _loss;
    private double _lowestLoss;
    private double _gradient;

    /// <summary>Looks at a step.</summary>
    /// <param name="losses">Its losses.</param>
    /// <param name="stage">Its stage.</param>
    /// <returns>What is wrong that was not before.</returns>
    public IEnumerable<string> Step(StepLosses losses, TrainingStage stage)
    {
        if (stage != _stage || losses.Adversarial is not null != _hasAdversary)
        {
            (_stage, _hasAdversary, _settled) = (stage, losses.Adversarial is not null, 0);
            (_loss, _lowestLoss, _gradient) = (losses.Reconstruction, double.PositiveInfinity, losses.GradientNorm);
        }

        var spike = losses.GradientNorm > GradientRise * _gradient;
        var usual = _gradient;
        _loss = (Smoothing * _loss) + ((1 - Smoothing) * losses.Reconstruction);
        _gradient = (Smoothing * _gradient) + ((1 - Smoothing) * Math.Min(losses.GradientNorm, GradientRise * _gradient)); // a spike must not become the rule
        if (++_settled < SettlingSteps)
        {
            yield break;
        }

        _lowestLoss = Math.Min(_lowestLoss, _loss);
        if (IsNew("loss", _loss > LossRise * _lowestLoss))
        {
            yield return Say($"the reconstruction loss, {_loss:0.####} over the last steps, is more than {LossRise:0} times the lowest so far, {_lowestLoss:0.####}: lower the learning rate");
        }

        if (IsNew("gradient", spike))
        {
            yield return Say($"the gradient of the network's weights has norm {losses.GradientNorm:0.###}, over {GradientRise:0} times the usual {usual:0.###}; it was clipped. If that goes on, lower the learning rate");
        }
    }

    /// <summary>Looks at the latents.</summary>
    /// <param name="latents">What they are like.</param>
    /// <returns>What is wrong that was not before.</returns>
    public IEnumerable<string> Latents(LatentReport latents)
    {
        for (var channel = 0; channel < latents.Channels.Count; channel++)
        {
            var found = latents.Channels[channel];
            if (IsNew($"channel {channel}", found.IsDead))
            {
                yield return Say($"latent channel {channel} (row {channel} of encoder.aggregate.head.weight) is dead: its mean varies by {found.Deviation:0.######} over the images. Lower the KL weight, or give it free bits");
            }
        }

        if (IsNew("kl", latents.Kl < CollapsedKl))
        {
            yield return Say($"the posterior has collapsed: latent_parameters hold {latents.Kl:0.#####} nats a value, under {CollapsedKl}. Lower the KL weight");
        }
    }

    private static string Say(FormattableString what) => what.ToString(CultureInfo.InvariantCulture) + ".";

    private bool IsNew(string sign, bool holds) => holds ? _said.Add(sign) : _said.Remove(sign) && false;
}
