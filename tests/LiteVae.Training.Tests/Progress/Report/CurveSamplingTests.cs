namespace LiteVae.Training.Tests.Progress.Report;

public sealed class CurveSamplingTests
{
    [Fact]
    public void Each_stretch_keeps_its_lowest_and_its_highest_point()
    {
        var random = new Random(3);
        var points = Enumerable.Range(0, 1000).Select(i => ((long)i, random.NextDouble())).ToList();

        var expected = points.Chunk(10).SelectMany(stretch => new[] { stretch.MinBy(p => p.Item2), stretch.MaxBy(p => p.Item2) }.OrderBy(p => p.Item1));
        Assert.Equal(expected, CurveSampling.Extremes(points, 100));
    }

    [Fact]
    public void A_short_curve_is_kept_whole()
    {
        (long, double)[] points = [(1, 5), (2, 6), (3, 7), (4, 8)];
        Assert.Equal(points, CurveSampling.Extremes(points, 2));
    }

    [Fact]
    public void Stretches_of_equal_values_keep_one_point() =>
        Assert.Equal([(0, 1), (5, 1)], CurveSampling.Extremes([.. Enumerable.Range(0, 10).Select(i => ((long)i, 1.0))], 2));

    [Fact]
    public void The_running_median_is_of_a_point_and_its_neighbours()
    {
        (long, double)[] points = [(10, 1), (20, 5), (30, 2), (40, 100), (50, 3)];
        Assert.Equal([(10, 3), (20, 2), (30, 5), (40, 3), (50, 51.5)], CurveSampling.RunningMedian(points, 1, 10));
        Assert.Equal([(10, 3), (30, 5), (50, 51.5)], CurveSampling.RunningMedian(points, 1, 3));
        Assert.Equal([(10, 3)], CurveSampling.RunningMedian(points, 1, 1));
    }
}
