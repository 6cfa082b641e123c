namespace LiteVae.Benchmarks;

/// <summary>Growth of what is measured again and again.</summary>
internal static class Growth
{
    /// <summary>Slope of the least-squares line through values at 0, 1, 2, ...</summary>
    public static double Slope(double[] values)
    {
        var (middle, mean) = ((values.Length - 1) / 2.0, values.Average());
        return values.Select((value, i) => (i - middle) * (value - mean)).Sum() / values.Select((_, i) => (i - middle) * (i - middle)).Sum();
    }
}
