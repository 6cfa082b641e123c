using System.Security.Cryptography;

namespace LiteVae;

/// <summary>Plans a store: finds and sorts its sources, and writes the list and the plan.</summary>
internal static class StorePlanner
{
    /// <summary>Plans, unless another task has meanwhile: whoever writes the plan first decides, and all take that plan.</summary>
    /// <param name="paths">The store's files.</param>
    /// <param name="settings">What decides the bytes; its inputs are searched.</param>
    /// <param name="labels">Where labels come from.</param>
    /// <param name="found">Hears how many sources were found so far.</param>
    /// <param name="cancellation">Ends the planning.</param>
    /// <exception cref="FileNotFoundException">An input does not exist.</exception>
    /// <exception cref="InvalidDataException">There is not one source, or a table is broken.</exception>
    /// <exception cref="IOException">The store cannot be written.</exception>
    public static void Plan(StorePaths paths, StoreSettings settings, LabelSource labels, Action<long>? found, CancellationToken cancellation)
    {
        if (settings.Inputs.FirstOrDefault(input => !Path.Exists(input)) is { } missing)
        {
            throw SourceSearch.Missing(missing); // before all others are searched
        }

        using var sorter = new SourceSorter(paths.Root);
        var search = new SourceSearch(labels, paths.Root, Add, cancellation);
        foreach (var input in settings.Inputs)
        {
            search.Find(input);
        }

        if (sorter.Count == 0)
        {
            throw new InvalidDataException($"No images found in {string.Join(", ", settings.Inputs)}: looked for .jpg, .jpeg, .png, .webp, .bmp and .gif, and for .tar files of them, in subfolders too.");
        }

        if (!TryWrite(paths, settings, WithoutCollisions(sorter.Sorted()), cancellation))
        {
            StoreRemains.Remove(paths, StorePlan.Read(paths.Plan).Plan); // this list
        }

        void Add(SourceRecord source)
        {
            sorter.Add(new PlannedSource(source));
            found?.Invoke(sorter.Count);
        }
    }

    /// <summary>Writes the list and the plan, unless there is a plan.</summary>
    /// <param name="paths">The store's files.</param>
    /// <param name="settings">What decides the bytes.</param>
    /// <param name="sources">The sources in their order, those that have failed already included.</param>
    /// <param name="cancellation">Ends the writing.</param>
    /// <returns>Whether the plan is this one.</returns>
    public static bool TryWrite(StorePaths paths, StoreSettings settings, IEnumerable<PlannedSource> sources, CancellationToken cancellation)
    {
        using var list = StagedFile.Create(paths.Root);
        var plan = Write(list.Stream, sources, settings, cancellation);
        list.Close();
        list.MoveTo(paths.Sources(plan.SourcesSha256));

        using var file = StagedFile.Create(paths.Root);
        var bytes = StoreJson.File(plan);
        file.Stream.Write(bytes);
        file.Close();
        return file.TryMoveTo(paths.Plan) || File.ReadAllBytes(paths.Plan).AsSpan().SequenceEqual(bytes);
    }

    /// <summary>Of several sources with one key, which follow one another, all but the first have failed; the same source twice is one.</summary>
    public static IEnumerable<PlannedSource> WithoutCollisions(IEnumerable<PlannedSource> sorted)
    {
        SourceRecord? first = null;
        SourceRecord? before = null;
        foreach (var planned in sorted)
        {
            var source = planned.Source;
            if (source == before)
            {
                continue;
            }

            before = source;
            if (source.Key == first?.Key)
            {
                yield return new PlannedSource(source with { Failure = $"the key {FaultText.Printable(source.Key)} is also that of {FaultText.Printable(first.Name())}" });
            }
            else
            {
                first = source;
                yield return planned;
            }
        }
    }

    private static StorePlan Write(FileStream stream, IEnumerable<PlannedSource> sources, StoreSettings settings, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        List<long> offsets = [];
        var (count, length) = (0L, 0L);
        foreach (var (source, _) in sources)
        {
            cancellation.ThrowIfCancellationRequested();
            if (count % settings.ShardSize == 0)
            {
                offsets.Add(length);
            }

            var line = StoreJson.Line(source);
            stream.Write(line);
            hash.AppendData(line);
            count++;
            length += line.Length;
        }

        var parts = offsets.Count;
        offsets.Add(length);
        return new StorePlan(StorePlan.CurrentFormat, settings, count, parts, Convert.ToHexStringLower(hash.GetHashAndReset()), offsets);
    }
}
