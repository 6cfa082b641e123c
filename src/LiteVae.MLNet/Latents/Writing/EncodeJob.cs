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
        options.RequireFit(model.Config);
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
    /// <exception cref="OperationCanceledException">The cancellation was asked for; where that was in the midst of parts, the message says how many images are kept and how many are not.</exception>
    public EncodeResult Run(IProgress<EncodeProgress>? progress = null, CancellationToken cancellation = default)
    {
        var (plan, planSha256) = Planned(progress, cancellation);
        return new StoreFilling(_model, _paths, plan, planSha256) { BatchSize = _options.BatchSize, StopOnFailure = _options.StopOnFailure }.Run(_options.Task, Work, progress, cancellation);

        PartWork Work(int part)
        {
            var sources = SourceList.Read(_paths, plan, part);
            return new PartWork(new PartWriter(_paths, plan, planSha256, part), sources.Count, sources.Select(source => new Func<LoadedSource>(() => SourceLoading.Load(source, plan.Settings))));
        }
    }

    private (StorePlan Plan, string Sha256) Planned(IProgress<EncodeProgress>? progress, CancellationToken cancellation)
    {
        var settings = _options.Settings(_model, StoreSettings.ThisPreprocessing, [.. _options.Inputs.Select(input => Path.TrimEndingDirectorySeparator(Path.GetFullPath(input)))]);
        if (!File.Exists(_paths.Plan))
        {
            StoreFilling.Writing(() =>
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
}
