using System.Runtime.Intrinsics;

namespace LiteVae.Training;

/// <summary>Standard normal numbers by the billion, for the samples of a whole store: Box-Muller in single precision, eight at a time.</summary>
/// <remarks>
/// Up to 6.8 deviations: 32 bits decide a radius. What is written to files is drawn by <c>CounterGaussian</c>, which is slower and in double precision; these numbers live for one epoch, and
/// may differ in the last bit between processors with and without fused multiplication.
/// </remarks>
internal static class BulkGaussian
{
    private const int Block = 512; // pairs: what they need stays in the fastest cache

    /// <summary>Fills <paramref name="destination"/> with the first numbers of a stream.</summary>
    public static void Fill(Span<float> destination, CounterRandom random)
    {
        Span<float> units = stackalloc float[Block], angles = stackalloc float[Block], sines = stackalloc float[Block];
        for (; destination.Length > 0; destination = destination[Math.Min(2 * Block, destination.Length)..])
        {
            var first = Math.Min(Block, destination.Length);
            var second = Math.Min(Block, destination.Length - first);
            for (var i = 0; i < first; i++)
            {
                var bits = random.NextBits();
                units[i] = ((long)(bits >> 32) + 0.5f) * (1f / (1L << 32)); // above 0, so that the logarithm is finite
                angles[i] = (int)bits * (MathF.PI / (1L << 31));
            }

            for (var i = 0; i < first; i += Vector256<float>.Count)
            {
                var radius = Vector256.Sqrt(Vector256.Log(Vector256.Create<float>(units[i..])) * -2f);
                var (sin, cos) = Vector256.SinCos(Vector256.Create<float>(angles[i..]));
                (radius * cos).CopyTo(units[i..]);
                (radius * sin).CopyTo(sines[i..]);
            }

            units[..first].CopyTo(destination);
            sines[..second].CopyTo(destination[first..]);
        }
    }
}
