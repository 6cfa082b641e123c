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

    /// <summary>The median of each point's neighbourhood, at evenly spread points: where a noisy curve goes, whatever its spikes.</summary>
    /// <param name="points">The curve.</param>
    /// <param name="reach">Points before and after one that count with it; fewer at the ends.</param>
    /// <param name="count">Most points to return.</param>
    public static IReadOnlyList<(long Step, double Value)> RunningMedian(IReadOnlyList<(long Step, double Value)> points, int reach, int count)
    {
        count = Math.Min(count, points.Count);
        var medians = new List<(long Step, double Value)>(count);
        for (var i = 0; i < count; i++)
        {
            var at = count == 1 ? 0 : (int)((long)i * (points.Count - 1) / (count - 1)); // the first, ..., the last
            var (begin, end) = (Math.Max(0, at - reach), Math.Min(points.Count, at + reach + 1));
            var near = new double[end - begin];
            for (var j = 0; j < near.Length; j++)
            {
                near[j] = points[begin + j].Value;
            }

            Array.Sort(near);
            medians.Add((points[at].Step, (near[(near.Length - 1) / 2] / 2) + (near[near.Length / 2] / 2)));
        }

        return medians;
    }
}
