namespace LiteVae.Training;

/// <summary>
/// Random numbers that depend on nothing but (seed, stream): the trainer draws from a stream per sample or step, so a resumed run needs no
/// saved generator state.
/// </summary>
/// <remarks>SplitMix64 (Steele, Lea, Flood 2014).</remarks>
internal struct CounterRandom(ulong seed, ulong stream)
{
    private const ulong Increment = 0x9E3779B97F4A7C15;

    private ulong _state = Mix(seed + Increment) ^ Mix(stream ^ 0xD1B54A32D192ED03);

    /// <summary>64 random bits.</summary>
    public ulong NextBits() => Mix(_state += Increment);

    /// <summary>A number from 0 to <paramref name="count"/> - 1.</summary>
    public int Next(int count) => (int)Math.BigMul(NextBits(), (ulong)count, out _); // the high half of the product: bias below count / 2^64

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
