using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>The Fréchet distance of two Gaussians: |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)) (Dowson and Landau 1982).</summary>
internal static class FrechetDistance
{
    /// <summary>The distance of the Gaussians that have the means and covariances of two sets of vectors; 0 or more.</summary>
    /// <remarks>
    /// S1 S2 has the eigenvalues of S1^(1/2) S2 S1^(1/2), which is symmetric and has none below 0: so the root's trace comes from two symmetric eigenproblems, where the
    /// general matrix root of S1 S2 goes astray, into complex numbers too, as soon as a covariance is near singular. Eigenvalues below 0 are rounding and taken for 0.
    /// </remarks>
    /// <exception cref="InvalidOperationException">A set has fewer than two vectors.</exception>
    public static double Between(FeatureStatistics a, FeatureStatistics b)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (meanA, covarianceA) = a.Moments();
        var (meanB, covarianceB) = b.Moments();
        var means = (meanA - meanB).Squared().sum();
        var root = SymmetricRoot(covarianceA);
        var product = root.mm(covarianceB).mm(root);
        var rootTrace = NonNegative(linalg.eigvalsh(product.Plus(product.t()).Times(0.5))).sqrt().sum();
        var distance = means.item<double>() + covarianceA.trace().item<double>() + covarianceB.trace().item<double>() - (2 * rootTrace.item<double>());
        return Math.Max(0, distance);
    }

    private static Tensor SymmetricRoot(Tensor matrix)
    {
        var (values, vectors) = linalg.eigh(matrix);
        return (vectors * NonNegative(values).sqrt()).mm(vectors.t());
    }

    private static Tensor NonNegative(Tensor values) => values.Limited(0, double.PositiveInfinity);
}
