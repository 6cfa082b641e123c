using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>What a step measured, still on its device: reading it waits for the step to be done.</summary>
internal sealed class StepMeasures(long step, double learningRate, Tensor values) : IDisposable
{
    /// <summary>Puts the measures of a part of a batch into one tensor, [10]; what was not measured is NaN.</summary>
    public static Tensor Pack(Tensor total, Objective.Terms terms, Tensor? adversarial, Tensor? discriminator, Tensor squares)
    {
        using var scope = NewDisposeScope();
        var absent = squares.Times(double.NaN); // made on the device: a copy there would wait for it
        return stack([
            total.detach(), terms.Reconstruction.detach(), terms.Kl.detach(), terms.Wavelet.detach(), terms.Gaussian.detach(), terms.Lpips?.detach() ?? absent,
            terms.VggFeatures?.detach() ?? absent, adversarial?.detach() ?? absent, discriminator ?? absent, squares,
        ]).MoveToOuterDisposeScope();
    }

    /// <summary>Reads the means over all processes: every one of them must call this for the same step.</summary>
    public StepLosses Read(GradientSync sync, LossOptions losses)
    {
        using var host = values.cpu();
        double[] v = [.. host.data<float>().ToArray().Select(value => (double)value)];
        sync.Sum(v);
        v = [.. v.Select(sum => sum / sync.Size)];
        return new StepLosses
        {
            Step = step,
            Total = v[0],
            Reconstruction = v[1],
            Kl = v[2],
            Wavelet = v[3],
            Gaussian = v[4],
            Lpips = losses.Lpips > 0 ? v[5] : null,
            VggFeatures = losses.VggFeatures > 0 ? v[6] : null,
            Adversarial = losses.Adversarial > 0 && !double.IsNaN(v[8]) ? v[7] : null,
            Discriminator = losses.Adversarial > 0 && !double.IsNaN(v[8]) ? v[8] : null,
            Psnr = 10 * Math.Log10(4 / v[9]), // peak to peak is 2
            GradientNorm = v[10],
            LearningRate = learningRate,
        };
    }

    public void Dispose() => values.Dispose();
}
