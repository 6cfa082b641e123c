using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>Mean and unbiased covariance of feature vectors, gathered batch by batch in double precision on the CPU.</summary>
/// <remarks>Each batch's sums are taken about its own mean, then merged (Chan, Golub, LeVeque 1979): no cancellation, however many batches. Not thread-safe.</remarks>
internal sealed class FeatureStatistics : IDisposable
{
    private readonly int _features;
    private Tensor _mean;
    private Tensor _scatter;

    /// <summary>Begins a set of vectors.</summary>
    /// <param name="features">Length of a vector, D.</param>
    public FeatureStatistics(int features)
    {
        NativeTorch.EnsureLoaded();
        _features = features;
        _mean = zeros(features, dtype: float64).DetachFromDisposeScope();
        _scatter = zeros(features, features, dtype: float64).DetachFromDisposeScope();
    }

    /// <summary>Vectors added.</summary>
    public long Count { get; private set; }

    /// <summary>The mean, [D]; owned by this instance, and replaced by the next batch.</summary>
    public Tensor Mean => _mean;

    /// <summary>The covariance with the divisor n - 1, [D, D]. The caller, or its scope, disposes it.</summary>
    /// <exception cref="InvalidOperationException">There are fewer than two vectors.</exception>
    public Tensor Covariance() => Count >= 2
        ? _scatter.Times(1.0 / (Count - 1))
        : throw new InvalidOperationException($"A covariance needs two vectors or more, not {Count}.");

    /// <summary>Adds a batch of vectors.</summary>
    /// <param name="features">[N, D] of any float type, on any device.</param>
    /// <exception cref="ArgumentException">The shape is another.</exception>
    /// <exception cref="InvalidDataException">A feature is not finite.</exception>
    public void Add(Tensor features)
    {
        if (features.dim() != 2 || features.shape[0] == 0 || features.shape[1] != _features)
        {
            throw new ArgumentException($"The features are [{string.Join(", ", features.shape)}]; [N, {_features}] is needed.", nameof(features));
        }

        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var batch = features.cpu().to(float64);
        if (!batch.isfinite().all().item<bool>())
        {
            throw new InvalidDataException($"A feature of one of the images {Count} to {Count + batch.shape[0] - 1} (from 0) is not finite: the network or its input is broken.");
        }

        // this batch alone
        var count = batch.shape[0];
        var mean = batch.mean([0]);
        var centred = batch - mean;
        var scatter = centred.t().mm(centred);

        // and with those before
        var (all, distance) = (Count + count, mean - _mean);
        Replace(ref _mean, _mean.Plus(distance.Times((double)count / all)));
        Replace(ref _scatter, _scatter.Plus(scatter).Plus(outer(distance, distance).Times((double)Count * count / all)));
        Count = all;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _mean.Dispose();
        _scatter.Dispose();
    }

    private static void Replace(ref Tensor field, Tensor value)
    {
        field.Dispose();
        field = value.DetachFromDisposeScope();
    }
}
