using Microsoft.ML;

namespace LiteVae;

/// <summary>Fills a store from a data view: plans it from the rows' keys, then encodes the images.</summary>
/// <param name="data">The rows.</param>
/// <param name="folder">The store's folder.</param>
/// <param name="options">Options, checked already.</param>
internal sealed class SavingJob(IDataView data, string folder, LiteVaeSaveOptions options)
{
    private readonly StorePaths _paths = new(folder);
    private readonly ViewSources _sources = new(data, options);
    private readonly EncodeJobOptions _job = options.Job(folder);

    /// <summary>Does all of it.</summary>
    public EncodeResult Run(IProgress<EncodeProgress>? progress, CancellationToken cancellation)
    {
        using var model = LiteVaeModel.Load(options.Model, options.ModelOptions);
        _job.RequireFit(model.Config);
        Plan(model, progress, cancellation);
        var (plan, planSha256) = StorePlan.Read(_paths.Plan);
        using var parts = _sources.Open(_paths, plan, planSha256);
        return new StoreFilling(model, _paths, plan, planSha256) { BatchSize = _job.BatchSize, StopOnFailure = _job.StopOnFailure }.Run(_job.Task, parts.Part, progress, cancellation);
    }

    // Planned at every run: only so can be told whether the rows are those that the store was begun with.
    private void Plan(LiteVaeModel model, IProgress<EncodeProgress>? progress, CancellationToken cancellation)
    {
        var settings = _job.Settings(model, _sources.Preprocessing, _job.Inputs);
        var isSame = StoreFilling.Writing(() =>
        {
            Directory.CreateDirectory(_paths.Root);
            return StorePlanner.TryWrite(_paths, settings, _sources.Sources(_paths.Root, found => progress?.Report(new EncodeProgress(found, 0, 0, 0)), cancellation), cancellation);
        });
        if (!isSame)
        {
            var (plan, _) = StorePlan.Read(_paths.Plan);
            StoreRemains.Remove(_paths, plan); // this list
            var differences = plan.Settings.Differences(settings).DefaultIfEmpty("The rows are others.");
            throw new InvalidDataException($"{_paths.Root}: this store was begun by another job: {string.Join(" ", differences)} Name another folder.");
        }
    }
}
