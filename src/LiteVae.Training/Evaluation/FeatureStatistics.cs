using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>Mean and unbiased covariance of feature vectors, gathered in double precision on the CPU.</summary>
/// <remarks>A block's sums are taken about its own mean, then merged (Chan, Golub, LeVeque 1979): no cancellation, however many blocks. Not thread-safe.</remarks>
internal sealed class FeatureStatistics : IDisposable
{
    private const int Block = 64; // vectors: a merge goes through D^2 numbers, 32 MB for Inception's, too many for each image

    private readonly int _features;
    private readonly List<Tensor> _waiting = [];
    private long _merged;
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

    /// <summary>The mean, [D], and the covariance with the divisor n - 1, [D, D]. The caller, or its scope, disposes them.</summary>
    /// <exception cref="InvalidOperationException">There are fewer than two vectors.</exception>
    public (Tensor Mean, Tensor Covariance) Moments()
    {
        if (Count < 2)
        {
            throw new InvalidOperationException($"A covariance needs two vectors or more, not {Count}.");
        }

        Merge();
        return (_mean.clone(), _scatter.Times(1.0 / (Count - 1)));
    }

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
        var batch = features.detach().cpu().to(float64, copy: true); // a copy: the caller may dispose or change its own
        if (!batch.isfinite().all().item<bool>())
        {
            throw new InvalidDataException($"A feature of one of the images {Count} to {Count + batch.shape[0] - 1} (from 0) is not finite: the network or its input is broken.");
        }

        _waiting.Add(batch.DetachFromDisposeScope());
        Count += batch.shape[0];
        if (Count - _merged >= Block)
        {
            Merge();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _mean.Dispose();
        _scatter.Dispose();
        _waiting.ForEach(batch => batch.Dispose());
    }

    private void Merge()
    {
        if (_waiting.Count == 0)
        {
            return;
        }

        using var scope = NewDisposeScope();
        using var noGradient = no_grad();

        // this block alone
        var block = cat(_waiting);
        var mean = block.mean([0]);
        var centred = block - mean;
        var scatter = centred.t().mm(centred);

        // and with those before
        var (count, distance) = ((double)(Count - _merged), mean - _mean);
        Replace(ref _mean, _mean.Plus(distance.Times(count / Count)));
        Replace(ref _scatter, _scatter.Plus(scatter).Plus(outer(distance, distance).Times(count * _merged / Count)));
        _merged = Count;
        _waiting.ForEach(batch => batch.Dispose());
        _waiting.Clear();
    }

    private static void Replace(ref Tensor field, Tensor value)
    {
        field.Dispose();
        field = value.DetachFromDisposeScope();
    }
}
