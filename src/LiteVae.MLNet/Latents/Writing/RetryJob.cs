using System.Runtime.ExceptionServices;

namespace LiteVae;

/// <summary>Tries the failed sources of a store again, and only them: what was encoded is taken over as it is.</summary>
/// <remarks>
/// A part in which a source can be read now is written anew; afterwards the store has the bytes that it would have had without the failures. Sources that were refused when the
/// store was planned, such as one of two with the same key, stay refused. A job that is killed anywhere can be run again. Not thread-safe. The model stays the caller's.
/// </remarks>
public sealed class RetryJob
{
    private readonly LiteVaeModel _model;
    private readonly StorePaths _paths;
    private readonly int _batchSize;
    private readonly EncodeTask _task;

    /// <summary>A job; nothing is done yet.</summary>
    /// <param name="model">The model that made the store, with the store's size of tiles.</param>
    /// <param name="store">The store's folder; it need not be complete.</param>
    /// <param name="batchSize">Images that go through the encoder at once, 1 to 1,024. The store does not depend on it.</param>
    /// <param name="task">Which share of the parts this process does; null for all of them.</param>
    /// <exception cref="ArgumentException">An argument is wrong.</exception>
    public RetryJob(LiteVaeModel model, string store, int batchSize = 8, EncodeTask? task = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(store);
        new EncodeJobOptions { Inputs = [store], Store = store, BatchSize = batchSize, Task = task ?? EncodeTask.Whole }.Validate();
        (_model, _paths, _batchSize, _task) = (model, new StorePaths(store), batchSize, task ?? EncodeTask.Whole);
    }

    /// <summary>Tries.</summary>
    /// <param name="progress">Hears how far the job is and of each failure that is left, with its reason of now; called on threads of the job, and waited for.</param>
    /// <param name="cancellation">Ends the job: parts that were written anew stay so.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">The folder has no plan, or a file of a part is missing.</exception>
    /// <exception cref="InvalidDataException">The store is broken or of a newer format, or the model is broken.</exception>
    /// <exception cref="InvalidOperationException">The store was made by another encoder or with tiles of another size, or the model cannot run.</exception>
    /// <exception cref="IOException">The store cannot be written; the job can be run again.</exception>
    /// <exception cref="OperationCanceledException">The cancellation was asked for.</exception>
    public RetryResult Run(IProgress<EncodeProgress>? progress = null, CancellationToken cancellation = default)
    {
        // what has failed
        if (!Directory.Exists(_paths.Root))
        {
            throw new DirectoryNotFoundException($"There is no latent store {_paths.Root}: no such folder.");
        }

        var (plan, planSha256) = StorePlan.Read(_paths.Plan);
        RequireModelOf(plan.Settings);
        PartReplacement.FinishAll(_paths, cancellation);
        var parts = StoreCompletion.CompleteParts(_paths, plan).Where(part => part % _task.Count == _task.Index && Failures(part) > 0).Order().ToList();
        var failed = parts.Sum(Failures);

        // what of it can be read now
        var (done, again) = (0L, 0L);
        var failing = Try();
        failing.SelectMany(reasons => reasons ?? []).ToList().ForEach(Report);
        var retried = parts.Where((_, i) => failing[i] is null).ToList();
        if (retried.Count > 0)
        {
            StoreRemains.Remove(_paths, plan);
            new EncodePipeline(_model, plan.Settings, _batchSize, Report).Run(retried.Select(Work), cancellation);
        }

        // the end, also of a job that was killed before it
        var complete = StoreCompletion.CompleteParts(_paths, plan).Count == plan.Parts;
        if (complete && (retried.Count > 0 || !File.Exists(_paths.Dataset)))
        {
            StoreCompletion.Write(_paths, plan, planSha256, cancellation);
        }

        var left = parts.Sum(Failures);
        return new RetryResult(failed, failed - left, left, retried.Count, complete);

        // of each part, why its failed sources still fail; null where one of them can be read
        List<LatentFailure>?[] Try()
        {
            try
            {
                return [.. parts.AsParallel().AsOrdered().WithCancellation(cancellation).Select(StillFailing)];
            }
            catch (AggregateException e)
            {
                ExceptionDispatchInfo.Throw(e.InnerExceptions[0]); // the first says enough, and says it to a person
                throw;
            }
        }

        List<LatentFailure>? StillFailing(int part)
        {
            var recorded = Manifest(part).Failures.Select(failure => (failure.Key, failure.Source)).ToHashSet();
            List<LatentFailure> reasons = [];
            foreach (var source in SourceList.Read(_paths, plan, part).Where(source => recorded.Contains((source.Key, source.Name()))))
            {
                if (SourceLoading.Load(source, plan.Settings).Reason is not { } reason)
                {
                    return null;
                }

                reasons.Add(new LatentFailure(source.Key, source.Name(), reason));
            }

            return reasons;
        }

        void Report(LatentFailure? failure)
        {
            done++;
            again += failure is null ? 0 : 1;
            progress?.Report(new EncodeProgress(0, done, failed, again, failure));
        }

        long Failures(int part) => Manifest(part).Failures.Count;

        ShardManifest Manifest(int part) => ShardManifest.Read(_paths, plan, planSha256, part).Manifest;

        PartWork Work(int part)
        {
            var sources = SourceList.Read(_paths, plan, part);
            var written = WrittenPart.Open(_paths, plan.Settings, Manifest(part));
            return new PartWork(
                new PartWriter(_paths, plan, planSha256, part, replaces: true),
                sources.Count,
                sources.Select(source => new Func<LoadedSource>(() => (source.Failure is null ? written.Find(source) : null) ?? SourceLoading.Load(source, plan.Settings))),
                written);
        }
    }

    private void RequireModelOf(StoreSettings settings)
    {
        if (settings.EncoderSha256 != _model.EncoderSha256)
        {
            throw new InvalidOperationException(
                $"{_paths.Root}: the store was made by the encoder {settings.EncoderSha256} ({FaultText.Printable(settings.Model)}); this model's is {_model.EncoderSha256} ({_model.Config.Name}). Latents of different encoders must not be mixed.");
        }

        if (settings.TileSize != _model.TileSize)
        {
            throw new InvalidOperationException($"{_paths.Root}: the store was made with tiles of {Show(settings.TileSize)}; this model runs with {Show(_model.TileSize)}.");
        }

        static string Show(int? size) => size is { } pixels ? $"{pixels} pixels" : "no size, images whole";
    }
}

/// <summary>What a <see cref="RetryJob"/> has done.</summary>
/// <param name="Failed">Sources of this task's parts that had failed before.</param>
/// <param name="Encoded">How many of them are encoded now.</param>
/// <param name="Left">How many are not.</param>
/// <param name="Parts">Parts that were written anew.</param>
/// <param name="IsComplete">Whether the store is complete.</param>
public sealed record RetryResult(long Failed, long Encoded, long Left, int Parts, bool IsComplete);
