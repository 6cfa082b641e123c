using System.Collections.Concurrent;

namespace LiteVae;

/// <summary>
/// Encodes parts: sources are read, decoded and resized by several threads, put together into batches by one, encoded by this one, and written by another, with little
/// held between them. The encoder waits for nobody as long as there are cores for the others.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="settings">The store's settings.</param>
/// <param name="batchSize">Images that go through the encoder at once; twice as many where the store has mirrored ones.</param>
/// <param name="report">Hears of each source that is done with, from the writing thread; with its failure where it has one. Not of rows that are taken over. What it throws ends the run.</param>
internal sealed class EncodePipeline(LiteVaeModel model, StoreSettings settings, int batchSize, Action<LatentFailure?> report)
{
    // Batches that wait for the encoder, and for the writer.
    private const int BatchesBetween = 2;

    // More threads than cores: where the disk is slow they wait; where images are large each holds one, so not many more.
    private static readonly int Loaders = Math.Clamp(Environment.ProcessorCount + 2, 4, 32);

    /// <summary>Encodes parts in their order and makes each complete; disposes them.</summary>
    /// <exception cref="OperationCanceledException">The caller wanted an end.</exception>
    public void Run(IEnumerable<PartWork> parts, CancellationToken cancellation)
    {
        using var stages = new EncodeStages(cancellation);
        using var toLoad = new BlockingCollection<Item>();
        using var loading = new BlockingCollection<Item>((2 * batchSize) + Loaders); // bounds toLoad too, which gets the same items
        using var batches = new BlockingCollection<Batch>(BatchesBetween);
        using var encoded = new BlockingCollection<(Batch Batch, Posterior? Posterior)>(BatchesBetween);
        var open = new ConcurrentDictionary<PartWork, bool>();
        try
        {
            stages.Start(() => Read(parts, loading, toLoad, open, stages.Token), loading);
            for (var i = 0; i < Loaders; i++)
            {
                stages.Start<Item>(() => Load(toLoad, stages.Token), null);
            }

            stages.Start(() => PutTogether(loading, batches, stages.Token), batches);
            stages.Start<Item>(() => Write(encoded, open, stages.Token), null);
            stages.Finish(() => Encode(batches, encoded, stages.Token));
        }
        finally
        {
            foreach (var part in open.Keys)
            {
                part.Dispose();
            }
        }
    }

    private static void Read(IEnumerable<PartWork> parts, BlockingCollection<Item> loading, BlockingCollection<Item> toLoad, ConcurrentDictionary<PartWork, bool> open, CancellationToken stop)
    {
        foreach (var part in parts)
        {
            open.TryAdd(part, true);
            var i = 0;
            foreach (var load in part.Loads)
            {
                var item = new Item(part, i, load, i == part.Count - 1);
                loading.Add(item, stop);
                toLoad.Add(item, stop);
                i++;
            }
        }

        toLoad.CompleteAdding();
    }

    private static void Load(BlockingCollection<Item> toLoad, CancellationToken stop)
    {
        foreach (var item in toLoad.GetConsumingEnumerable(stop))
        {
            item.Loaded.SetResult(item.Load());
        }
    }

    private void PutTogether(BlockingCollection<Item> loading, BlockingCollection<Batch> batches, CancellationToken stop)
    {
        var waiting = settings.Sizes.Select(_ => new List<(int Index, LoadedSource Source)>()).ToList();
        var fresh = new int[waiting.Count]; // of those that wait, how many are to be encoded: rows that are taken over cost no room in a batch
        foreach (var item in loading.GetConsumingEnumerable(stop))
        {
            item.Loaded.Task.Wait(stop);
            var loaded = item.Loaded.Task.Result;
            var list = waiting[loaded.Size];
            if (loaded.Reason is not null)
            {
                batches.Add(new Batch(item.Part, [(item.Index, loaded)], null, false), stop);
            }
            else
            {
                list.Add((item.Index, loaded));
                fresh[loaded.Size] += loaded.Image is null ? 0 : 1;
            }

            foreach (var full in item.IsLast ? waiting.Where(some => some.Count > 0) : fresh[loaded.Size] == batchSize ? [list] : [])
            {
                var pixels = Pixels(full);
                batches.Add(new Batch(item.Part, [.. full], pixels, false), stop);
                fresh[full[0].Source.Size] = 0;
                full.Clear();
            }

            if (item.IsLast)
            {
                batches.Add(new Batch(item.Part, [], null, true), stop);
            }
        }
    }

    /// <summary>The pixels of the images that are not taken over; null where all are.</summary>
    private PixelTensor? Pixels(List<(int Index, LoadedSource Source)> images)
    {
        var fresh = images.Index().Where(place => place.Item.Source.Image is not null).Select(place => place.Index).ToList();
        if (fresh.Count == 0)
        {
            return null;
        }

        var size = settings.Sizes[images[0].Source.Size];
        var pixels = new PixelTensor(settings.Flip ? 2 * fresh.Count : fresh.Count, size.Height, size.Width);
        for (var i = 0; i < fresh.Count; i++)
        {
            var (index, source) = images[fresh[i]];
            pixels.Set(i, source.Image!);
            if (settings.Flip)
            {
                pixels.Set(fresh.Count + i, Orientation.Mirrored(source.Image!));
            }

            images[fresh[i]] = (index, source with { Image = null }); // its pixels are in the batch now
        }

        return pixels;
    }

    private void Encode(BlockingCollection<Batch> batches, BlockingCollection<(Batch, Posterior?)> encoded, CancellationToken stop)
    {
        using var encoder = model.AcquireEncoder();
        foreach (var batch in batches.GetConsumingEnumerable(stop))
        {
            encoded.Add((batch, batch.Pixels is { } pixels ? model.EncodeAsIs(encoder, pixels) : null), stop);
        }

        encoded.CompleteAdding();
    }

    private void Write(BlockingCollection<(Batch, Posterior?)> encoded, ConcurrentDictionary<PartWork, bool> open, CancellationToken stop)
    {
        foreach (var (batch, posterior) in encoded.GetConsumingEnumerable(stop))
        {
            var (at, fresh) = (0, batch.Images.Count(image => image.Source.Kept is null));
            foreach (var (index, loaded) in batch.Images)
            {
                if (loaded.Kept is not null)
                {
                    batch.Part.Writer.Keep(loaded);
                    continue;
                }

                var failure = posterior is null
                    ? batch.Part.Writer.Fail(index, loaded.Source, loaded.Reason!)
                    : batch.Part.Writer.Add(index, loaded, posterior, at, settings.Flip ? fresh + at : null);
                if (failure is not null)
                {
                    ModelMetrics.Failed(loaded.ErrorType ?? ModelMetrics.Overflow);
                }

                report(failure);
                at++;
            }

            if (batch.IsEnd)
            {
                batch.Part.Writer.Commit(stop);
                batch.Part.Dispose();
                open.TryRemove(batch.Part, out _);
            }
        }
    }

    /// <summary>A source on its way.</summary>
    private sealed record Item(PartWork Part, int Index, Func<LoadedSource> Load, bool IsLast)
    {
        public TaskCompletionSource<LoadedSource> Loaded { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Images of one size and the pixels of those that are to be encoded; or one that has failed, without pixels; or the end of a part.</summary>
    private sealed record Batch(PartWork Part, IReadOnlyList<(int Index, LoadedSource Source)> Images, PixelTensor? Pixels, bool IsEnd);
}
