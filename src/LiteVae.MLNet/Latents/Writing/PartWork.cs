namespace LiteVae;

/// <summary>A part to be written: its writer, and what loads each of its sources.</summary>
/// <param name="writer">The writer, disposed with this.</param>
/// <param name="count">Sources of the part, one or more.</param>
/// <param name="loads">
/// One for each source, in their order; enumerated once, by one thread, as the sources are needed. What they load is loaded on any thread, and what is wrong with a source is part of it.
/// </param>
/// <param name="read">What rows are taken over from, disposed with this; or null.</param>
internal sealed class PartWork(PartWriter writer, int count, IEnumerable<Func<LoadedSource>> loads, IDisposable? read = null) : IDisposable
{
    /// <summary>Writes the part.</summary>
    public PartWriter Writer => writer;

    /// <summary>Sources of the part.</summary>
    public int Count => count;

    /// <summary>What loads each of them.</summary>
    public IEnumerable<Func<LoadedSource>> Loads => loads;

    public void Dispose()
    {
        writer.Dispose();
        read?.Dispose();
    }
}
