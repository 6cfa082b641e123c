namespace LiteVae;

/// <summary>
/// Random numbers that depend on nothing but (seed, stream): a stream per sample, step or epoch, so that whoever goes on somewhere needs no
/// saved generator state.
/// </summary>
/// <remarks>SplitMix64 (Steele, Lea, Flood 2014): written down, so that later versions draw the same.</remarks>
internal struct CounterRandom(ulong seed, ulong stream)
{
    private const ulong Increment = 0x9E3779B97F4A7C15;

    private ulong _state = Mix(seed + Increment) ^ Mix(stream ^ 0xD1B54A32D192ED03);

    /// <summary>64 random bits.</summary>
    public ulong NextBits() => Mix(_state += Increment);

    /// <summary>A number from 0 to <paramref name="count"/> - 1.</summary>
    public int Next(int count) => (int)Math.BigMul(NextBits(), (ulong)count, out _); // the high half of the product: bias below count / 2^64

    /// <summary>Puts items into an order of which each is as likely (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Next(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    /// <summary>A number's bits stirred up, one to one.</summary>
    internal static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
