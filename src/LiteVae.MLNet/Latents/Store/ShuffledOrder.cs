namespace LiteVae;

/// <summary>An order of all images of a store that depends on seed and epoch alone.</summary>
internal static class ShuffledOrder
{
    /// <summary>Shards at a time, unless something else is asked for.</summary>
    public const int ShardsAtOnce = 16;

    /// <summary>Shuffles the shards, and then the images of each few of them.</summary>
    public static IEnumerable<long> Of(IReadOnlyList<StoreShard> shards, long seed, long epoch, int shardsAtOnce)
    {
        var random = new CounterRandom((ulong)seed, (ulong)epoch);
        var order = Enumerable.Range(0, shards.Count).ToArray();
        random.Shuffle<int>(order);
        foreach (var some in order.Chunk(shardsAtOnce))
        {
            var images = some.SelectMany(number => Images(shards[number])).ToArray();
            random.Shuffle<long>(images);
            foreach (var image in images)
            {
                yield return image;
            }
        }
    }

    private static IEnumerable<long> Images(StoreShard shard) => Enumerable.Range(0, shard.Entry.Rows).Select(row => shard.First + row);
}
