namespace LiteVae;

/// <summary>Sorts any number of sources by key in bounded memory: sorted runs go to files beside the store and are merged.</summary>
/// <param name="folder">Where the runs lie.</param>
/// <param name="memory">About how many bytes of sources are held.</param>
internal sealed class SourceSorter(string folder, long memory = SourceSorter.DefaultMemory) : IDisposable
{
    /// <summary>About how many bytes of sources are held, where nothing else is asked for: little, for the model is in memory beside them.</summary>
    public const long DefaultMemory = 1 << 20;

    // So many runs are merged into a longer one, so many of those into one that is longer again: every source is written a few times, however many there are.
    private const int MaxRuns = 64;

    private const int RecordBytes = 200; // beside its texts

    private readonly List<List<FileStream>> _runs = []; // by how often they were merged
    private List<PlannedSource> _held = [];
    private long _bytes;

    /// <summary>Sources added.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a source.</summary>
    public void Add(PlannedSource planned)
    {
        var source = planned.Source;
        _held.Add(planned);
        Count++;
        _bytes += RecordBytes + (2L * (source.Key.Length + source.Path.Length + (source.Member?.Length ?? 0) + (source.Caption?.Length ?? 0) + (source.Label?.Length ?? 0) + (source.Failure?.Length ?? 0) + (planned.Place?.Failure?.Length ?? 0)));
        if (_bytes >= memory)
        {
            Spill();
        }
    }

    /// <summary>All sources, sorted by key, those of one key by path. Ends the adding. May be enumerated again, when one enumeration is over.</summary>
    public IEnumerable<PlannedSource> Sorted()
    {
        _held.Sort(Compare);
        return Merge([.. _runs.SelectMany(level => level).Select(Read), _held]);
    }

    /// <summary>Removes the runs.</summary>
    public void Dispose()
    {
        foreach (var run in _runs.SelectMany(level => level))
        {
            run.Dispose();
        }
    }

    private static int Compare(PlannedSource a, PlannedSource b)
    {
        var order = Compare(a.Source, b.Source);
        order = order != 0 || a.Place is null || b.Place is null ? order : (b.Place.Failure is null).CompareTo(a.Place.Failure is null); // what has been encoded comes first
        return order != 0 ? order : Nullable.Compare(a.Place?.Store, b.Place?.Store);
    }

    private static int Compare(SourceRecord a, SourceRecord b)
    {
        var order = string.CompareOrdinal(a.Key, b.Key);
        order = order != 0 ? order : string.CompareOrdinal(a.Path, b.Path);
        order = order != 0 ? order : Nullable.Compare(a.Offset, b.Offset);
        order = order != 0 ? order : string.CompareOrdinal(a.Label, b.Label);
        order = order != 0 ? order : string.CompareOrdinal(a.Caption, b.Caption);
        return order != 0 ? order : string.CompareOrdinal(a.Failure, b.Failure);
    }

    private static IEnumerable<PlannedSource> Read(FileStream run)
    {
        run.Position = 0;
        using var reader = new StreamReader(run, leaveOpen: true);
        for (var line = 1L; reader.ReadLine() is { } text; line++)
        {
            yield return StoreJson.ReadLine<PlannedSource>(System.Text.Encoding.UTF8.GetBytes(text), run.Name, line);
        }
    }

    private static IEnumerable<PlannedSource> Merge(List<IEnumerable<PlannedSource>> runs)
    {
        var queue = new PriorityQueue<IEnumerator<PlannedSource>, PlannedSource>(Comparer<PlannedSource>.Create(Compare));
        foreach (var run in runs)
        {
            Enqueue(run.GetEnumerator());
        }

        while (queue.TryDequeue(out var run, out var source))
        {
            yield return source;
            Enqueue(run);
        }

        void Enqueue(IEnumerator<PlannedSource> run)
        {
            if (run.MoveNext())
            {
                queue.Enqueue(run, run.Current);
            }
            else
            {
                run.Dispose();
            }
        }
    }

    private void Spill()
    {
        _held.Sort(Compare);
        Write(_held, level: 0);
        (_held, _bytes) = ([], 0);
        for (var level = 0; _runs[level].Count == MaxRuns; level++)
        {
            Write(Merge([.. _runs[level].Select(Read)]), level + 1);
            _runs[level].ForEach(run => run.Dispose());
            _runs[level].Clear();
        }
    }

    private void Write(IEnumerable<PlannedSource> sources, int level)
    {
        if (level == _runs.Count)
        {
            _runs.Add([]);
        }

        FileStream? run = null;
        try
        {
            run = AnonymousFile.Create(folder);
            _runs[level].Add(run);
            foreach (var source in sources)
            {
                run.Write(StoreJson.Line(source));
            }

            run.Flush();
        }
        catch (IOException e)
        {
            throw new SpillException($"The list of sources cannot be sorted in {folder}: {e.Message}", e);
        }
    }
}

/// <summary>The disk of the store, not a source, failed while the sources were searched.</summary>
internal sealed class SpillException(string message, Exception inner) : IOException(message, inner);
