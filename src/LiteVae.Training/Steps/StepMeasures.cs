using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>What a step measured, still on its device: reading it waits for the step to be done.</summary>
internal sealed class StepMeasures : IDisposable
{
    private readonly PlannedStep _at;
    private readonly double _learningRate;
    private readonly Tensor _values;

    private StepMeasures(PlannedStep at, double learningRate, Tensor values) => (_at, _learningRate, _values) = (at, learningRate, values);

    /// <summary>Puts the measures of a part of a batch into one tensor, [10]; what was not measured is 0.</summary>
    public static Tensor Pack(Tensor total, Objective.Terms terms, Tensor? adversarial, Tensor? discriminator, Tensor squares)
    {
        using var scope = NewDisposeScope();
        var absent = zeros_like(squares);
        return stack([
            total.detach(), terms.Reconstruction.detach(), terms.Kl.detach(), terms.Wavelet.detach(), terms.Gaussian.detach(), terms.Lpips?.detach() ?? absent,
            terms.VggFeatures?.detach() ?? absent, adversarial?.detach() ?? absent, discriminator ?? absent, squares,
        ]).MoveToOuterDisposeScope();
    }

    /// <summary>The measures of a whole step, which belong to the dispose scope around the caller's.</summary>
    /// <param name="at">Which step.</param>
    /// <param name="learningRate">Its learning rate.</param>
    /// <param name="means">The means of its parts' packs.</param>
    /// <param name="gradientNorm">The gradient's norm before clipping, a scalar.</param>
    /// <param name="discriminatorNorm">That of the discriminator's gradient, a scalar; null where it did not play.</param>
    public static StepMeasures Of(PlannedStep at, double learningRate, Tensor means, Tensor gradientNorm, Tensor? discriminatorNorm)
    {
        var norms = new[] { gradientNorm.reshape(1), (discriminatorNorm ?? zeros_like(gradientNorm)).reshape(1) };
        return new StepMeasures(at, learningRate, cat([means, .. norms]).MoveToOuterDisposeScope());
    }

    /// <summary>The step's stage.</summary>
    public TrainingStage Stage => _at.Stage;

    /// <summary>Reads the means over all processes: every one of them must call this for the same step.</summary>
    public StepLosses Read(GradientSync sync)
    {
        using var host = _values.cpu();
        double[] v = [.. host.data<float>().ToArray().Select(value => (double)value)];
        sync.Sum(v);
        v = [.. v.Select(sum => sum / sync.Size)];
        var (losses, plays) = (Stage.Losses, _at.HasAdversary);
        return new StepLosses
        {
            Step = _at.Step,
            Total = v[0],
            Reconstruction = v[1],
            Kl = v[2],
            Wavelet = v[3],
            Gaussian = v[4],
            Lpips = losses.Lpips > 0 ? v[5] : null,
            VggFeatures = losses.VggFeatures > 0 ? v[6] : null,
            Adversarial = plays ? v[7] : null,
            Discriminator = plays ? v[8] : null,
            Psnr = 10 * Math.Log10(4 / v[9]), // peak to peak is 2
            GradientNorm = v[10],
            DiscriminatorGradientNorm = plays ? v[11] : null,
            LearningRate = _learningRate,
        };
    }

    public void Dispose() => _values.Dispose();
}
