namespace LiteVae.Tests.Latents.Planning;

public sealed class SourceSorterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(long.MaxValue)] // all in memory
    [InlineData(20_000)] // some runs
    [InlineData(700)] // hundreds of runs, so that runs of runs are merged
    public void Any_amount_of_memory_gives_the_ordinal_order(long memory)
    {
        var random = new Random(1);
        var sources = Enumerable.Range(0, 1000).Select(i => new SourceRecord(Text(), $"/{Text()}", i % 3 == 0 ? "m" : null, i % 3 == 0 ? i : null, i % 3 == 0 ? 1 : null, Text(), i % 5 == 0 ? "caption\n\"x\"" : null)).ToList();
        using var sorter = new SourceSorter(_folder.Root, memory);
        sources.ForEach(source => sorter.Add(new PlannedSource(source)));

        var expected = sources.OrderBy(source => source.Key, StringComparer.Ordinal).ThenBy(source => source.Path, StringComparer.Ordinal).ThenBy(source => source.Offset).ThenBy(source => source.Label, StringComparer.Ordinal).ThenBy(source => source.Caption, StringComparer.Ordinal);
        Assert.Equal(expected, sorter.Sorted().Select(planned => planned.Source));
        Assert.Equal(expected, sorter.Sorted().Select(planned => planned.Source)); // a second time
        Assert.Equal(1000, sorter.Count);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Root)); // not even while it is at work

        string Text() => string.Concat(Enumerable.Range(0, random.Next(1, 4)).Select(_ => "aB_/ü漢😀"[random.Next(6)])); // without the surrogates apart
    }
}
