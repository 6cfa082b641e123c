namespace LiteVae;

/// <summary>Does those parts of a planned store that are not complete, and completes the store where no other part is left.</summary>
/// <param name="model">The model.</param>
/// <param name="paths">The store's files.</param>
/// <param name="plan">Its plan.</param>
/// <param name="planSha256">The plan's hash.</param>
internal sealed class StoreFilling(LiteVaeModel model, StorePaths paths, StorePlan plan, string planSha256)
{
    /// <summary>Images that go through the encoder at once.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Whether the first image that cannot be encoded ends the work.</summary>
    public required bool StopOnFailure { get; init; }

    /// <summary>Does the work.</summary>
    /// <param name="task">Which share of the parts.</param>
    /// <param name="work">Gives a part to be done; asked in the order of the parts, on one thread.</param>
    /// <param name="progress">Hears how far it is; called on threads of the work, and waited for.</param>
    /// <param name="cancellation">Ends the work: complete parts are kept.</param>
    /// <exception cref="EncodingException">An image failed, and the work is to stop then.</exception>
    /// <exception cref="InvalidDataException">The store or the model is broken.</exception>
    /// <exception cref="IOException">The store cannot be written.</exception>
    /// <exception cref="OperationCanceledException">The cancellation was asked for; an <see cref="EncodingStoppedException"/> where parts were in progress.</exception>
    public EncodeResult Run(EncodeTask task, Func<int, PartWork> work, IProgress<EncodeProgress>? progress, CancellationToken cancellation)
    {
        // what there is to do
        PartReplacement.FinishAll(paths, cancellation);
        var own = Enumerable.Range(0, plan.Parts).Where(part => part % task.Count == task.Index).ToList();
        var complete = StoreCompletion.CompleteParts(paths, plan);
        var toDo = own.Where(part => !complete.Contains(part)).ToList();

        // the parts
        var encoded = toDo.Count == 0 ? 0 : Encode(toDo, own, work, progress, cancellation);

        // the end, if this task is the last one
        complete = StoreCompletion.CompleteParts(paths, plan);
        if (complete.Count == plan.Parts && (toDo.Count > 0 || !File.Exists(paths.Dataset)))
        {
            // a part that was made anew may have other failures than the one that the summary tells of
            Writing(() => StoreCompletion.Write(paths, plan, planSha256, cancellation));
        }

        var (images, failed) = Count(own, complete.Count == plan.Parts);
        return new EncodeResult(plan.Sources, plan.Parts, encoded, images, failed, plan.Parts - complete.Count);
    }

    /// <summary>Says of a disk's error that nothing is lost.</summary>
    public static T Writing<T>(Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException and not FileNotFoundException)
        {
            throw new IOException($"The store cannot be written: {e.Message} What is complete is kept: once that is mended, the same job goes on from there.", e);
        }
    }

    private long Encode(List<int> parts, List<int> own, Func<int, PartWork> work, IProgress<EncodeProgress>? progress, CancellationToken cancellation)
    {
        model.CheckEncoder(); // a broken model is one error, not one an image
        var total = Sources(parts);
        var (done, failed) = (0L, 0L);
        progress?.Report(new EncodeProgress(0, done, total, failed));
        var pipeline = new EncodePipeline(model, plan.Settings, BatchSize, failure =>
        {
            done++;
            failed += failure is null ? 0 : 1;
            progress?.Report(new EncodeProgress(0, done, total, failed, failure));
            if (failure is not null && StopOnFailure)
            {
                throw new EncodingException(failure);
            }
        });
        try
        {
            return Writing(() =>
            {
                StoreRemains.Remove(paths, plan);

                // another task with the same number may be at the same parts
                pipeline.Run(parts.Where(part => !File.Exists(paths.Manifest(part))).Select(work), cancellation);
                return done - failed;
            });
        }
        catch (OperationCanceledException e) when (cancellation.IsCancellationRequested)
        {
            var complete = StoreCompletion.CompleteParts(paths, plan);
            var again = Math.Max(0, done - Sources(parts.Where(complete.Contains))); // the other task with the same number may have completed a part of it
            throw new EncodingStoppedException(Sources(own.Where(complete.Contains)), Sources(own), again, e);
        }

        long Sources(IEnumerable<int> some) => some.Sum(part => (long)plan.SourcesOf(part));
    }

    private (long Images, long Failed) Count(List<int> own, bool isComplete)
    {
        if (isComplete && own.Count == plan.Parts)
        {
            var summary = DatasetSummary.Read(paths.Dataset);
            return summary.PlanSha256 == planSha256 ? (summary.Images, summary.Failed)
                : throw new InvalidDataException($"{paths.Dataset}: it belongs to another plan: the folder holds the remains of another run (take a new folder), or plan.json was changed since (`litevae latents verify` says so).");
        }

        var (images, failed) = (0L, 0L);
        foreach (var part in own)
        {
            var (manifest, _) = ShardManifest.Read(paths, plan, planSha256, part);
            images += manifest.Rows();
            failed += manifest.Failures.Count;
        }

        return (images, failed);
    }
}
