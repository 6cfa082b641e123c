namespace LiteVae;

/// <summary>Encodes any number of images into a store of latents: in parts, resumable, divisible among any number of processes.</summary>
/// <remarks>
/// <para>
/// The first run plans: it finds the images, sorts them by key and writes down everything that decides the store's bytes. Every run, of this or of another process, does the parts of its
/// task that are not complete; whoever finds all complete writes the summary. A job that is killed anywhere continues when it is run again, and the
/// store's bytes do not depend on batch size, threads, tasks, their order or interruptions, on machines with the same processor. Nothing is shared but the folder.
/// </para>
/// <para>Not thread-safe; the model may be used by others meanwhile. The model stays the caller's.</para>
/// </remarks>
/// <example>
/// <code>
/// using var model = LiteVaeModel.Load();
/// var result = new EncodeJob(model, new EncodeJobOptions { Inputs = ["photos"], Store = "latents" }).Run();
/// </code>
/// </example>
public sealed class EncodeJob
{
    private readonly LiteVaeModel _model;
    private readonly EncodeJobOptions _options;
    private readonly StorePaths _paths;

    /// <summary>A job; nothing is done yet.</summary>
    /// <param name="model">The model whose encoder is used.</param>
    /// <param name="options">What to encode, and where to.</param>
    /// <exception cref="ArgumentException">An option is wrong, or a size is none that the model takes.</exception>
    public EncodeJob(LiteVaeModel model, EncodeJobOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var factor = model.Config.DownsamplingFactor;
        foreach (var size in options.Sizes.Where(size => size.Width < 1 || size.Height < 1 || size.Width % factor != 0 || size.Height % factor != 0 || Math.Max(size.Width, size.Height) > StoreSettings.MaxSide))
        {
            throw new ArgumentException(
                $"A size is {size}; {model.Config.Name} needs sides that are multiples of {factor}, up to {StoreSettings.MaxSide}, such as {PixelTensor.RoundUp(Math.Max(1, size.Width), factor)}x{PixelTensor.RoundUp(Math.Max(1, size.Height), factor)}.", nameof(options));
        }

        (_model, _options, _paths) = (model, options, new StorePaths(options.Store));
    }

    /// <summary>Plans the store unless it is planned, and encodes nothing.</summary>
    /// <param name="progress">Hears how many sources were found; called on this thread.</param>
    /// <param name="cancellation">Ends the planning; nothing is left of it then.</param>
    /// <returns>How many sources and parts there are, and how many parts are not complete.</returns>
    /// <exception cref="FileNotFoundException">An input does not exist.</exception>
    /// <exception cref="InvalidDataException">No images are found, a table is broken, the store is broken, of a newer format, or was begun with other settings: the message names them with both values.</exception>
    /// <exception cref="IOException">The store cannot be written.</exception>
    public EncodeResult Plan(IProgress<EncodeProgress>? progress = null, CancellationToken cancellation = default)
    {
        var (plan, _) = Planned(progress, cancellation);
        return new EncodeResult(plan.Sources, plan.Parts, 0, 0, 0, plan.Parts - StoreCompletion.CompleteParts(_paths, plan).Count);
    }

    /// <summary>Does the parts of this task that are not complete, and completes the store if no other part is left.</summary>
    /// <param name="progress">Hears how far the job is and of each failure; called on threads of the job, and waited for.</param>
    /// <param name="cancellation">Ends the job: complete parts are kept, those it was at leave nothing.</param>
    /// <exception cref="FileNotFoundException">An input does not exist, at the first run.</exception>
    /// <exception cref="InvalidDataException">
    /// No images are found, a table is broken, the store is broken, of a newer format, or was begun with other settings: the message names them with both values. Or the model is broken.
    /// </exception>
    /// <exception cref="EncodingException">An image failed, and the job is to stop then.</exception>
    /// <exception cref="IOException">The store cannot be written; what is complete is kept, and the job can be run again.</exception>
    /// <exception cref="InvalidOperationException">The model cannot run.</exception>
    /// <exception cref="OperationCanceledException">The cancellation was asked for.</exception>
    public EncodeResult Run(IProgress<EncodeProgress>? progress = null, CancellationToken cancellation = default)
    {
        // what there is to do
        var (plan, planSha256) = Planned(progress, cancellation);
        PartReplacement.FinishAll(_paths, cancellation);
        var own = Enumerable.Range(0, plan.Parts).Where(part => part % _options.Task.Count == _options.Task.Index).ToList();
        var complete = StoreCompletion.CompleteParts(_paths, plan);
        var toDo = own.Where(part => !complete.Contains(part)).ToList();

        // the parts
        var encoded = toDo.Count == 0 ? 0 : Encode(plan, planSha256, toDo, progress, cancellation);

        // the end, if this task is the last one
        complete = StoreCompletion.CompleteParts(_paths, plan);
        if (complete.Count == plan.Parts && !File.Exists(_paths.Dataset))
        {
            Writing(() => StoreCompletion.Write(_paths, plan, planSha256, cancellation));
        }

        var (images, failed) = Count(plan, planSha256, own, complete.Count == plan.Parts);
        return new EncodeResult(plan.Sources, plan.Parts, encoded, images, failed, plan.Parts - complete.Count);
    }

    private static T Writing<T>(Func<T> write)
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

    private (StorePlan Plan, string Sha256) Planned(IProgress<EncodeProgress>? progress, CancellationToken cancellation)
    {
        var settings = Settings();
        if (!File.Exists(_paths.Plan))
        {
            Writing(() =>
            {
                StorePlanner.Plan(_paths, settings, _options.Labels, found => progress?.Report(new EncodeProgress(found, 0, 0, 0)), cancellation);
                return true;
            });
        }

        var (plan, sha256) = StorePlan.Read(_paths.Plan);
        var differences = plan.Settings.Differences(settings).ToList();
        return differences.Count == 0 ? (plan, sha256) : throw new InvalidDataException(
            $"{_paths.Root}: this store was begun with other settings: {string.Join(" ", differences)} Run with the store's settings, or name another folder.");
    }

    private StoreSettings Settings() => new(
        _model.EncoderSha256,
        _model.Config.Name,
        _model.Config,
        _options.Dtype,
        _options.Flip,
        [.. _options.Sizes],
        StoreSettings.ThisPreprocessing,
        [.. _options.Inputs.Select(Path.GetFullPath)],
        _options.Labels == LabelSource.Folders ? StoreSettings.FolderLabels : StoreSettings.ColumnLabels,
        _options.ShardSize,
        _model.TileSize);

    private long Encode(StorePlan plan, string planSha256, List<int> parts, IProgress<EncodeProgress>? progress, CancellationToken cancellation)
    {
        var factor = _model.Config.DownsamplingFactor;
        _ = _model.Encode(new PixelTensor(1, factor, factor)); // a broken model is one error, not one an image
        var total = parts.Sum(part => (long)plan.SourcesOf(part));
        var (done, failed) = (0L, 0L);
        progress?.Report(new EncodeProgress(0, done, total, failed));
        var pipeline = new EncodePipeline(_model, plan.Settings, _options.BatchSize, failure =>
        {
            done++;
            failed += failure is null ? 0 : 1;
            progress?.Report(new EncodeProgress(0, done, total, failed, failure));
            if (failure is not null && _options.StopOnFailure)
            {
                throw new EncodingException(failure);
            }
        });
        return Writing(() =>
        {
            StoreRemains.Remove(_paths, plan);

            // another task with the same number may be at the same parts
            pipeline.Run(parts.Where(part => !File.Exists(_paths.Manifest(part))).Select(Work), cancellation);
            return done - failed;
        });

        PartWork Work(int part)
        {
            var sources = SourceList.Read(_paths, plan, part);
            return new PartWork(new PartWriter(_paths, plan, planSha256, part), sources.Count, sources.Select(source => new Func<LoadedSource>(() => SourceLoading.Load(source, plan.Settings))));
        }
    }

    private (long Images, long Failed) Count(StorePlan plan, string planSha256, List<int> own, bool isComplete)
    {
        if (isComplete && own.Count == plan.Parts)
        {
            var summary = DatasetSummary.Read(_paths.Dataset);
            return summary.PlanSha256 == planSha256 ? (summary.Images, summary.Failed)
                : throw new InvalidDataException($"{_paths.Dataset}: it belongs to another plan: the folder holds the remains of another run. Take a new folder.");
        }

        var (images, failed) = (0L, 0L);
        foreach (var part in own)
        {
            var (manifest, _) = ShardManifest.Read(_paths, plan, planSha256, part);
            images += manifest.Rows();
            failed += manifest.Failures.Count;
        }

        return (images, failed);
    }
}
