using System.Collections.Concurrent;

namespace LiteVae;

/// <summary>
/// Encodes parts: sources are read, decoded and resized by several threads, put together into batches by one, encoded by this one, and written by another, with little
/// held between them. The encoder waits for nobody as long as there are cores for the others.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="paths">The store's files.</param>
/// <param name="plan">Its plan.</param>
/// <param name="planSha256">The plan's hash.</param>
/// <param name="options">Batch size, and whether to stop at a failure.</param>
/// <param name="report">Hears of each source that is done with, from the writing thread; with its failure where it has one.</param>
internal sealed class EncodePipeline(LiteVaeModel model, StorePaths paths, StorePlan plan, string planSha256, EncodeJobOptions options, Action<LatentFailure?> report)
{
    // Batches that wait for the encoder, and for the writer.
    private const int BatchesBetween = 2;

    // More threads than cores: where the disk is slow they wait; where images are large each holds one, so not many more.
    private static readonly int Loaders = Math.Clamp(Environment.ProcessorCount + 2, 4, 32);

    private readonly StoreSettings _settings = plan.Settings;

    /// <summary>Encodes parts in their order and makes each complete.</summary>
    /// <exception cref="EncodingException">A source failed, and the job is to stop then.</exception>
    /// <exception cref="OperationCanceledException">The caller wanted an end.</exception>
    public void Run(IEnumerable<int> parts, CancellationToken cancellation)
    {
        using var stages = new EncodeStages(cancellation);
        using var toLoad = new BlockingCollection<Item>();
        using var loading = new BlockingCollection<Item>((2 * options.BatchSize) + Loaders); // bounds toLoad too, which gets the same items
        using var batches = new BlockingCollection<Batch>(BatchesBetween);
        using var encoded = new BlockingCollection<(Batch Batch, Posterior? Posterior)>(BatchesBetween);
        var open = new ConcurrentDictionary<PartWriter, bool>();
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

    private void Read(IEnumerable<int> parts, BlockingCollection<Item> loading, BlockingCollection<Item> toLoad, ConcurrentDictionary<PartWriter, bool> open, CancellationToken stop)
    {
        foreach (var part in parts)
        {
            var sources = SourceList.Read(paths, plan, part);
            var writer = new PartWriter(paths, plan, planSha256, part);
            open.TryAdd(writer, true);
            for (var i = 0; i < sources.Count; i++)
            {
                var item = new Item(writer, i, sources[i], i == sources.Count - 1);
                loading.Add(item, stop);
                toLoad.Add(item, stop);
            }
        }

        toLoad.CompleteAdding();
    }

    private void Load(BlockingCollection<Item> toLoad, CancellationToken stop)
    {
        foreach (var item in toLoad.GetConsumingEnumerable(stop))
        {
            item.Loaded.SetResult(SourceLoading.Load(item.Source, _settings));
        }
    }

    private void PutTogether(BlockingCollection<Item> loading, BlockingCollection<Batch> batches, CancellationToken stop)
    {
        var waiting = _settings.Sizes.Select(_ => new List<(int Index, LoadedSource Source)>()).ToList();
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
            }

            foreach (var full in item.IsLast ? waiting.Where(some => some.Count > 0) : list.Count == options.BatchSize ? [list] : [])
            {
                var pixels = Pixels(full);
                batches.Add(new Batch(item.Part, [.. full], pixels, false), stop);
                full.Clear();
            }

            if (item.IsLast)
            {
                batches.Add(new Batch(item.Part, [], null, true), stop);
            }
        }
    }

    private PixelTensor Pixels(List<(int Index, LoadedSource Source)> images)
    {
        var size = _settings.Sizes[images[0].Source.Size];
        var pixels = new PixelTensor(_settings.Flip ? 2 * images.Count : images.Count, size.Height, size.Width);
        for (var i = 0; i < images.Count; i++)
        {
            var image = images[i].Source.Image!;
            pixels.Set(i, image);
            if (_settings.Flip)
            {
                pixels.Set(images.Count + i, Orientation.Mirrored(image));
            }

            images[i] = (images[i].Index, images[i].Source with { Image = null }); // its pixels are in the batch now
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

    private void Write(BlockingCollection<(Batch, Posterior?)> encoded, ConcurrentDictionary<PartWriter, bool> open, CancellationToken stop)
    {
        foreach (var (batch, posterior) in encoded.GetConsumingEnumerable(stop))
        {
            for (var i = 0; i < batch.Images.Count; i++)
            {
                var (index, loaded) = batch.Images[i];
                var failure = posterior is null
                    ? batch.Part.Fail(index, loaded.Source, loaded.Reason!)
                    : batch.Part.Add(index, loaded, posterior, i, _settings.Flip ? batch.Images.Count + i : null);
                report(failure);
                if (failure is not null && options.StopOnFailure)
                {
                    throw new EncodingException(failure);
                }
            }

            if (batch.IsEnd)
            {
                batch.Part.Commit(stop);
                batch.Part.Dispose();
                open.TryRemove(batch.Part, out _);
            }
        }
    }

    /// <summary>A source on its way.</summary>
    private sealed record Item(PartWriter Part, int Index, SourceRecord Source, bool IsLast)
    {
        public TaskCompletionSource<LoadedSource> Loaded { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Images of one size and their pixels; or one that has failed, without pixels; or the end of a part.</summary>
    private sealed record Batch(PartWriter Part, IReadOnlyList<(int Index, LoadedSource Source)> Images, PixelTensor? Pixels, bool IsEnd);
}
