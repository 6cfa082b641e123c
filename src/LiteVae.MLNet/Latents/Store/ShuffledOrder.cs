namespace LiteVae;

/// <summary>An order of all images of a store that depends on seed and epoch alone.</summary>
internal static class ShuffledOrder
{
    /// <summary>Shuffles the shards, and then the images of each few of them.</summary>
    public static IEnumerable<long> Of(IReadOnlyList<StoreShard> shards, long seed, long epoch, int shardsAtOnce)
    {
        var random = new OrderRandom(seed, epoch);
        var order = Enumerable.Range(0, shards.Count).ToArray();
        random.Shuffle(order);
        foreach (var some in order.Chunk(shardsAtOnce))
        {
            var images = some.SelectMany(number => Images(shards[number])).ToArray();
            random.Shuffle(images);
            foreach (var image in images)
            {
                yield return image;
            }
        }
    }

    private static IEnumerable<long> Images(StoreShard shard) => Enumerable.Range(0, shard.Entry.Rows).Select(row => shard.First + row);

    /// <summary>SplitMix64 (Steele, Lea, Flood 2014): written down, so that later versions and other languages give the same order.</summary>
    private sealed class OrderRandom(long seed, long epoch)
    {
        private ulong _state = Mix((ulong)seed) ^ (ulong)epoch;

        /// <summary>Fisher and Yates.</summary>
        public void Shuffle<T>(T[] items)
        {
            for (var i = items.Length - 1; i > 0; i--)
            {
                var j = (int)Math.BigMul(Mix(_state += 0x9E3779B97F4A7C15), (ulong)i + 1, out _);
                (items[i], items[j]) = (items[j], items[i]);
            }
        }

        private static ulong Mix(ulong value)
        {
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
            return value ^ (value >> 31);
        }
    }
}
