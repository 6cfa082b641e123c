using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LiteVae.Training;

/// <summary>Samples of posteriors by the billion: normal numbers by Box and Muller's method in single precision, eight pairs at a time, from eight xoshiro128++ generators (Blackman and Vigna, 2019).</summary>
/// <remarks>
/// Up to 6.7 deviations: 31 bits decide a radius. What is written to files is drawn by <see cref="CounterGaussian"/>, slower and in double precision; these numbers live for one epoch, and may differ in the
/// last bit between processors with and without fused multiplication.
/// </remarks>
internal static class PosteriorSampling
{
    private const int Block = 16; // two vectors: a cosine and a sine of each angle

    /// <summary>mean -> mean + exp(log variance / 2) * noise.</summary>
    /// <param name="means">The means, which become the sample.</param>
    /// <param name="logVars">As many log variances; clamped to -30 to 20 as everywhere.</param>
    /// <param name="random">The stream that decides the noise.</param>
    public static void Draw(Span<float> means, ReadOnlySpan<float> logVars, CounterRandom random)
    {
        var lanes = new Lanes(random);
        var done = 0;
        for (; done + Block <= means.Length; done += Block)
        {
            Draw(lanes.Next(), lanes.Next(), means.Slice(done, Block), logVars.Slice(done, Block));
        }

        if (done < means.Length)
        {
            Span<float> mean = stackalloc float[Block], logVar = stackalloc float[Block];
            means[done..].CopyTo(mean);
            logVars[done..means.Length].CopyTo(logVar);
            Draw(lanes.Next(), lanes.Next(), mean, logVar);
            mean[..(means.Length - done)].CopyTo(means[done..]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Draw(Vector256<uint> radiusBits, Vector256<uint> angleBits, Span<float> means, ReadOnlySpan<float> logVars)
    {
        var first = means[..Vector256<float>.Count];
        var second = means[Vector256<float>.Count..];
        var (cos, sin) = Normals(radiusBits, angleBits);
        Vector256.MultiplyAddEstimate(Deviation(Vector256.Create(logVars)), cos, Vector256.Create<float>(first)).CopyTo(first);
        Vector256.MultiplyAddEstimate(Deviation(Vector256.Create(logVars[Vector256<float>.Count..])), sin, Vector256.Create<float>(second)).CopyTo(second);
    }

    /// <summary>Two standard normal numbers of two words of random bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float> Cos, Vector256<float> Sin) Normals(Vector256<uint> radiusBits, Vector256<uint> angleBits)
    {
        var unit = (Vector256.ConvertToSingle((radiusBits >>> 1).AsInt32()) + Vector256.Create(0.5f)) * (1f / (1L << 31)); // above 0, so that the logarithm is finite
        var radius = Vector256.Sqrt(Vector256.Max(Log(unit) * -2f, Vector256<float>.Zero));

        // an angle of the quarter about 0, then by two further bits one of the four quarters
        var angle = Vector256.ConvertToSingle(angleBits.AsInt32() >> 2) * (MathF.PI / 4 / (1 << 29));
        var square = angle * angle;
        var sin = Vector256.Create(-1.9515295891e-4f).Then(square, 8.3321608736e-3f).Then(square, -1.6666654611e-1f) * square * angle + angle;
        var cos = Vector256.Create(2.443315711809948e-5f).Then(square, -1.388731625493765e-3f).Then(square, 4.166664568298827e-2f) * square * square - (square * 0.5f) + Vector256<float>.One;
        cos = (cos.AsUInt32() | (angleBits << 31)).AsSingle(); // the lowest bit: left or right
        var upright = Vector256.Equals(angleBits & Vector256.Create(2u), Vector256<uint>.Zero).AsSingle();
        return (radius * Vector256.ConditionalSelect(upright, cos, sin), radius * Vector256.ConditionalSelect(upright, sin, cos));
    }

    /// <summary>exp(log variance / 2), to 2e-7 of itself. Polynomial: Cephes' expf.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Deviation(Vector256<float> logVar)
    {
        var x = Vector256.Min(Vector256.Max(logVar, Vector256.Create(Posterior.MinLogVar)), Vector256.Create(Posterior.MaxLogVar)) * 0.5f;
        var power = Vector256.Round(x * 1.44269504088896341f); // of two
        x = x - (power * 0.693359375f) - (power * -2.12194440e-4f); // ln 2 in two parts: the first has few bits
        var value = Vector256.Create(1.9875691500e-4f).Then(x, 1.3981999507e-3f).Then(x, 8.3334519073e-3f).Then(x, 4.1665795894e-2f).Then(x, 1.6666665459e-1f).Then(x, 5.0000001201e-1f) * x * x + x + Vector256<float>.One;
        return (value.AsInt32() + (Vector256.ConvertToInt32(power) << 23)).AsSingle();
    }

    /// <summary>The natural logarithm of a normal number in (0, 1], to 2e-7. Polynomial: Cephes' logf.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Log(Vector256<float> x)
    {
        // x = 2^power * (1 + rest), with 1 + rest between the roots of 1/2 and 2
        var bits = x.AsInt32() + Vector256.Create(0x3F800000 - 0x3F3504F3);
        var power = Vector256.ConvertToSingle((bits >> 23) - Vector256.Create(127));
        var rest = ((bits & Vector256.Create(0x007FFFFF)) + Vector256.Create(0x3F3504F3)).AsSingle() - Vector256<float>.One;
        var square = rest * rest;
        var high = Vector256.Create(7.0376836292e-2f).Then(rest, -1.1514610310e-1f).Then(rest, 1.1676998740e-1f).Then(rest, -1.2420140846e-1f).Then(rest, 1.4249322787e-1f).Then(rest, -1.6668057665e-1f).Then(rest, 2.0000714765e-1f).Then(rest, -2.4999993993e-1f).Then(rest, 3.3333331174e-1f);
        return (high * rest * square) + (power * -2.12194440e-4f) - (square * 0.5f) + rest + (power * 0.693359375f);
    }

    /// <summary>One step of Horner's scheme.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Then(this Vector256<float> sum, Vector256<float> x, float coefficient) => Vector256.MultiplyAddEstimate(sum, x, Vector256.Create(coefficient));

    /// <summary>Eight xoshiro128++ generators side by side.</summary>
    private struct Lanes
    {
        private Vector256<uint> _a;
        private Vector256<uint> _b;
        private Vector256<uint> _c;
        private Vector256<uint> _d;

        public Lanes(CounterRandom seeds)
        {
            Span<ulong> words = stackalloc ulong[4 * Vector256<ulong>.Count];
            foreach (ref var word in words)
            {
                word = seeds.NextBits();
            }

            var state = MemoryMarshal.Cast<ulong, uint>(words);
            (_a, _b, _c, _d) = (Vector256.Create<uint>(state[..8]), Vector256.Create<uint>(state[8..16]), Vector256.Create<uint>(state[16..24]), Vector256.Create<uint>(state[24..]));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector256<uint> Next()
        {
            var result = Rotated(_a + _d, 7) + _a;
            var shifted = _b << 9;
            _c ^= _a;
            _d ^= _b;
            _b ^= _c;
            _a ^= _d;
            _c ^= shifted;
            _d = Rotated(_d, 11);
            return result;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<uint> Rotated(Vector256<uint> x, int bits) => (x << bits) | (x >>> (32 - bits));
    }
}
