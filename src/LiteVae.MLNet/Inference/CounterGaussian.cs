namespace LiteVae;

/// <summary>
/// Standard normal numbers that depend on nothing but (seed, row, index): no state, so any row can be drawn at any time, in any order.
/// </summary>
/// <remarks>
/// Words come from SplitMix64 (Steele, Lea, Flood, 2014): word i of a stream is mix(key + (i + 1) * 0x9E3779B97F4A7C15), where
/// key = mix(mix(mix(seed) ^ low half of row) ^ high half of row). Two words give two normals by Box-Muller in double precision.
/// This is written down because files made with a seed must be made again by later versions.
/// </remarks>
internal static class CounterGaussian
{
    private const ulong GoldenGamma = 0x9E3779B97F4A7C15;

    /// <summary>Fills <paramref name="destination"/> with the first normals of the stream (seed, row).</summary>
    public static void Fill(Span<float> destination, long seed, UInt128 row)
    {
        var key = CounterRandom.Mix(CounterRandom.Mix(CounterRandom.Mix((ulong)seed) ^ (ulong)row) ^ (ulong)(row >> 64));
        for (var i = 0; i < destination.Length; i += 2)
        {
            var radius = Math.Sqrt(-2 * Math.Log(OpenUnit(Word(key, i))));
            var (sin, cos) = Math.SinCos(2 * Math.PI * OpenUnit(Word(key, i + 1)));
            destination[i] = (float)(radius * cos);
            if (i + 1 < destination.Length)
            {
                destination[i + 1] = (float)(radius * sin);
            }
        }
    }

    private static ulong Word(ulong key, int index) => CounterRandom.Mix(key + ((ulong)index + 1) * GoldenGamma);

    // The upper 53 bits, moved half a step up: in (0, 1), so that the logarithm is finite.
    private static double OpenUnit(ulong word) => ((word >> 11) + 0.5) * (1.0 / (1UL << 53));
}
