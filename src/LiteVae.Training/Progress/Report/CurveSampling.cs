namespace LiteVae.Training;

/// <summary>Brings a curve of any length to a number of points that a page can hold.</summary>
internal static class CurveSampling
{
    /// <summary>Keeps the lowest and the highest point of each of some equally long stretches, so that no spike is lost.</summary>
    /// <returns>At most twice as many points as stretches, in their order; the same list where it is no longer than that.</returns>
    public static IReadOnlyList<(long Step, double Value)> Extremes(IReadOnlyList<(long Step, double Value)> points, int stretches)
    {
        if (points.Count <= 2 * stretches)
        {
            return points;
        }

        var kept = new List<(long Step, double Value)>(2 * stretches);
        for (var i = 0; i < stretches; i++)
        {
            var (begin, end) = (Boundary(i), Boundary(i + 1));
            var (low, high) = (begin, begin);
            for (var at = begin; at < end; at++)
            {
                low = points[at].Value < points[low].Value ? at : low;
                high = points[at].Value > points[high].Value ? at : high;
            }

            kept.Add(points[Math.Min(low, high)]);
            if (low != high)
            {
                kept.Add(points[Math.Max(low, high)]);
            }
        }

        return kept;

        int Boundary(int stretch) => (int)((long)stretch * points.Count / stretches);
    }

    /// <summary>The mean of each point and those before it, at evenly spread points of which the last is one.</summary>
    /// <param name="points">The curve.</param>
    /// <param name="window">Points in a mean; fewer where the curve begins.</param>
    /// <param name="count">Most points to return.</param>
    public static IReadOnlyList<(long Step, double Value)> RunningMean(IReadOnlyList<(long Step, double Value)> points, int window, int count)
    {
        count = Math.Min(count, points.Count);
        var means = new List<(long Step, double Value)>(count);
        for (var i = 1; i <= count; i++)
        {
            var end = (int)((long)i * points.Count / count);
            var begin = Math.Max(0, end - window);
            var sum = 0.0;
            for (var at = begin; at < end; at++)
            {
                sum += points[at].Value;
            }

            means.Add((points[end - 1].Step, sum / (end - begin)));
        }

        return means;
    }
}
