using System.Globalization;
using LiteVae.Tests.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Evaluation;

public sealed class FrechetDistanceTests : TorchTest
{
    [Theory]
    [InlineData("full", 500)]
    [InlineData("full", 7)] // in batches
    [InlineData("singular", 500)] // fewer vectors than dimensions
    [InlineData("singular", 1)]
    [InlineData("same", 500)]
    public void The_distance_agrees_with_scipys_matrix_root(string name, int batch)
    {
        var expected = File.ReadLines(SharedData.PathOrSkip("fixtures/metrics/fid.csv")).Select(line => line.Split(',')).Single(cells => cells[0] == name)[1];
        using var x = Gather(Golden.Read(SharedData.PathOrSkip("fixtures/metrics/fid_features.safetensors"), $"{name}.x"), batch);
        using var y = Gather(Golden.Read(SharedData.PathOrSkip("fixtures/metrics/fid_features.safetensors"), $"{name}.y"), batch);

        // The table has six decimals. Where a covariance is singular, eigenvalues of 0 come out as 1e-15 of the greatest, and their roots as 3e-8 of its root.
        Assert.Equal(double.Parse(expected, CultureInfo.InvariantCulture), FrechetDistance.Between(x, y), name == "singular" ? 2e-6 : 1e-6);
    }

    [Fact]
    public void Gaussians_of_one_dimension_by_hand()
    {
        using var x = Gather(tensor(new float[] { 1, 3 }, [2, 1]), 2); // mean 2, variance 2
        using var y = Gather(tensor(new float[] { 5, 9, 7 }, [3, 1]), 2); // mean 7, variance 4
        Assert.Equal(25 + Math.Pow(Math.Sqrt(2) - 2, 2), FrechetDistance.Between(x, y), 1e-12);
    }

    [Fact]
    public void Features_that_do_not_vary_are_as_far_apart_as_their_means()
    {
        using var x = Gather(ones(5, 4), 5);
        using var y = Gather(ones(3, 4) * 3f, 5);
        Assert.Equal(16, FrechetDistance.Between(x, y), 1e-12);
        Assert.Equal(0, FrechetDistance.Between(x, x));
    }

    [Fact]
    public void A_large_mean_does_not_drown_the_covariance()
    {
        var vectors = randn(300, 8, dtype: float64);
        using var near = Gather(vectors, 16);
        using var far = Gather(vectors + 1e7, 16); // sums of squares would lose 14 of a double's 16 digits
        Assert.InRange((near.Moments().Covariance - far.Moments().Covariance).abs().max().item<double>(), 0, 1e-7);
    }

    [Fact]
    public void Broken_features_and_other_shapes_are_refused()
    {
        using var statistics = new FeatureStatistics(3);
        statistics.Add(ones(2, 3));
        Assert.Contains("images 2 to 3", Assert.Throws<InvalidDataException>(() => statistics.Add(full(2, 3, float.NaN))).Message, StringComparison.Ordinal);
        Assert.Contains("[2, 4]", Assert.Throws<ArgumentException>(() => statistics.Add(ones(2, 4))).Message, StringComparison.Ordinal);
        using var one = Gather(ones(1, 3), 1);
        Assert.Throws<InvalidOperationException>(() => FrechetDistance.Between(statistics, one));
        Assert.Equal(2, statistics.Count);
    }

    [Fact]
    public void It_leaves_no_tensor_behind()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var features = randn(20, 6))
        using (var x = Gather(features, 8))
        using (var y = new FeatureStatistics(6))
        {
            y.Add(features);
            Assert.Equal(0, FrechetDistance.Between(x, y), 1e-9);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static FeatureStatistics Gather(Tensor features, int batch)
    {
        using var scope = NewDisposeScope();
        var statistics = new FeatureStatistics((int)features.shape[1]);
        for (var i = 0L; i < features.shape[0]; i += batch)
        {
            statistics.Add(features.narrow(0, i, Math.Min(batch, features.shape[0] - i)));
        }

        return statistics;
    }
}
