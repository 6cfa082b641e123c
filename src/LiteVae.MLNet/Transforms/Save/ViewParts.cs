using Microsoft.ML;

namespace LiteVae;

/// <summary>The parts of a store that is filled from a data view: one cursor goes over its rows once, and what is complete is passed over unread.</summary>
/// <param name="cursor">The rows; owned.</param>
/// <param name="image">Takes the current row's image, as something that loads it later, on any thread.</param>
/// <param name="key">Gives the current row's key; null where rows have none.</param>
/// <param name="paths">The store's files.</param>
/// <param name="plan">Its plan.</param>
/// <param name="planSha256">The plan's hash.</param>
internal sealed class ViewParts(DataViewRowCursor cursor, Func<SourceRecord, Func<LoadedSource>> image, Func<string?>? key, StorePaths paths, StorePlan plan, string planSha256) : IDisposable
{
    private long _row = -1; // where the cursor stands

    /// <summary>A part; it must be used up before a later one is asked for.</summary>
    public PartWork Part(int part)
    {
        var sources = SourceList.Read(paths, plan, part);
        return new PartWork(new PartWriter(paths, plan, planSha256, part), sources.Count, sources.Select((source, i) => Load(source, ((long)part * plan.Settings.ShardSize) + i)));
    }

    public void Dispose() => cursor.Dispose();

    private Func<LoadedSource> Load(SourceRecord source, long row)
    {
        for (; _row < row; _row++)
        {
            if (!ViewSources.MoveNext(cursor))
            {
                throw Changed(source, row, "there are no more rows");
            }
        }

        if (source.Failure is { } known)
        {
            return () => LoadedSource.Failed(source, known, ModelMetrics.Planned);
        }

        if (key is not null && key() is var found && found != source.Key)
        {
            throw Changed(source, row, $"its key is {FaultText.Printable(found ?? "none")}");
        }

        try
        {
            return image(source);
        }
        catch (Exception e) when (e is not (OperationCanceledException or ObjectDisposedException))
        {
            return () => LoadedSource.Failed(source, FaultText.Printable(e.Message), e.GetType().Name);
        }
    }

    private static InvalidDataException Changed(SourceRecord source, long row, string what) =>
        new($"Row {row} was {FaultText.Printable(source.Key)} when the store was planned; now {what}. The data view must give the same rows in the same order at every reading.");
}
