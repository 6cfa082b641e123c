using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>What the autoencoder minimises (LiteVAE section 3.2), but for the adversarial loss: every term, and their weighted sum.</summary>
internal sealed class Objective : IDisposable
{
    private readonly VggFeatureLoss? _vgg;

    /// <summary>Loads the networks that the stages' losses, and the evaluation, need.</summary>
    /// <exception cref="InvalidDataException">Their weights cannot be used.</exception>
    /// <exception cref="ArgumentException">A stage's crops are too small for them.</exception>
    public Objective(LiteVaeTrainerOptions options, Device device)
    {
        Lpips = options.Perceptual.Lpips is { } path ? Lpips.Load(path, options.Perceptual.LpipsHeads, device) : null;
        try
        {
            if (Lpips is not null && options.Evaluation is { Data: not null } evaluation && evaluation.Size < Lpips.SmallestSide)
            {
                throw new ArgumentException($"Evaluation.Size is {evaluation.Size}, but its LPIPS needs images of {Lpips.SmallestSide} x {Lpips.SmallestSide} or more: use a larger size.");
            }

            _vgg = options.Stages.Any(stage => stage.Losses.VggFeatures > 0) ? VggFeatureLoss.Load(options.Perceptual.Vgg!, device) : null;
            for (var i = 0; i < options.Stages.Count; i++)
            {
                var (side, losses) = (options.Stages[i].Resolution, options.Stages[i].Losses);
                var least = Math.Max(losses.Lpips > 0 ? Lpips!.SmallestSide : 0, losses.VggFeatures > 0 ? _vgg!.SmallestSide : 0);
                if (side < least)
                {
                    throw new ArgumentException($"Stages[{i}].Resolution is {side}, but its perceptual losses need crops of {least} x {least} or more: use larger crops, or set the losses to 0.");
                }
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>LPIPS, as a loss and as a metric; null where no weights for it are named.</summary>
    public Lpips? Lpips { get; }

    /// <summary>The terms of images [N, 3, H, W] and their reconstructions, scalars, and the weighted sum of them all.</summary>
    public (Tensor Total, Terms Terms) Compute(LossOptions losses, Tensor image, DiagonalGaussian posterior, Tensor reconstruction)
    {
        var terms = new Terms(
            ReconstructionLoss.Compute(image, reconstruction, losses.ReconstructionKind),
            KlLoss.Compute(posterior, losses.KlNormalisation, losses.KlFreeBits),
            WaveletLoss.Compute(image, reconstruction),
            GaussianLoss.Compute(image, reconstruction),
            losses.Lpips > 0 ? Lpips!.Distances(image, reconstruction).mean() : null,
            losses.VggFeatures > 0 ? _vgg!.Compute(image, reconstruction) : null);
        var total = terms.Reconstruction.Times(losses.Reconstruction)
            .Plus(terms.Kl.Times(losses.Kl))
            .Plus(terms.Wavelet.Times(losses.Wavelet))
            .Plus(terms.Gaussian.Times(losses.Gaussian));
        total = terms.Lpips is null ? total : total.Plus(terms.Lpips.Times(losses.Lpips));
        total = terms.VggFeatures is null ? total : total.Plus(terms.VggFeatures.Times(losses.VggFeatures));
        return (total, terms);
    }

    public void Dispose()
    {
        Lpips?.Dispose();
        _vgg?.Dispose();
    }

    /// <summary>The terms before weighting; null where a stage has no such loss. They belong to the dispose scope around.</summary>
    internal sealed record Terms(Tensor Reconstruction, Tensor Kl, Tensor Wavelet, Tensor Gaussian, Tensor? Lpips, Tensor? VggFeatures);
}
