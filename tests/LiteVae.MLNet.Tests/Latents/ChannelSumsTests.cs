namespace LiteVae.Tests.Latents;

public sealed class ChannelSumsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    public void Parts_merged_in_pairs_give_what_all_values_together_give(int parts)
    {
        var random = new Random(parts);
        var values = Enumerable.Range(0, parts).Select(_ => Enumerable.Range(0, 2 * random.Next(1, 9)).Select(_ => 3 + random.NextSingle()).ToArray()).ToList();
        var merged = ChannelSums.MergeInPairs(values.Select(part => (IReadOnlyList<ChannelSums>)ChannelSums.OfChannels(part, 2)).Prepend([]).Append([]));

        for (var channel = 0; channel < 2; channel++)
        {
            var all = values.SelectMany(part => channel == 0 ? part[..(part.Length / 2)] : part[(part.Length / 2)..]).Select(value => (double)value).ToList();
            var mean = all.Average();
            Assert.Equal(all.Count, merged[channel].Count);
            Assert.Equal(mean, merged[channel].Mean, 1e-12);
            Assert.Equal(Math.Sqrt(all.Average(value => (value - mean) * (value - mean))), merged[channel].Deviation(), 1e-12);
            Assert.Equal((all.Min(), all.Max()), (merged[channel].Min, merged[channel].Max));
        }
    }

    [Fact]
    public void Of_no_parts_there_are_no_channels() => Assert.Empty(ChannelSums.MergeInPairs([[], []]));
}
