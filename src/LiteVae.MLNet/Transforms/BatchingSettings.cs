using Microsoft.ML.Runtime;

namespace LiteVae;

/// <summary>What every cursor and row of one transformer shares, and the count of their missing rows.</summary>
/// <param name="host">ML.NET's, for the log and for its cancellation.</param>
/// <param name="options">The transformer's options.</param>
internal sealed class BatchingSettings(IHost host, LiteVaeTransformOptions options)
{
    private long _missingRows;

    /// <summary>Rows in a batch.</summary>
    public int BatchSize => options.BatchSize;

    /// <summary>What becomes of bad rows.</summary>
    public OnRowError OnError => options.OnError;

    /// <summary>Threads that decode images.</summary>
    public int Threads => options.Threads ?? Environment.ProcessorCount;

    /// <summary>Rows that became missing values, over all cursors and rows so far.</summary>
    public long MissingRows => Interlocked.Read(ref _missingRows);

    /// <summary>Whether the options' token or ML.NET's host says to end the reading.</summary>
    public bool IsCancelled => options.CancellationToken.IsCancellationRequested || host is ICancelable { IsCanceled: true };

    /// <summary>Ends a reading that is to end.</summary>
    public void ThrowIfCancelled()
    {
        options.CancellationToken.ThrowIfCancellationRequested();
        if (IsCancelled)
        {
            throw new OperationCanceledException("ML.NET cancelled the operation.");
        }
    }

    /// <summary>Counts a row that became a missing value.</summary>
    public void CountBadRow()
    {
        if (OnError == OnRowError.Missing)
        {
            Interlocked.Increment(ref _missingRows);
        }
    }

    /// <summary>Writes to ML.NET's log how many rows became missing values.</summary>
    public void ReportBadRows(BatchRows rows)
    {
        if (OnError == OnRowError.Missing && rows.BadRows > 0)
        {
            using var channel = host.Start("Rows");
            channel.Warning("{0} rows could not be used and have missing values. The first: {1}", rows.BadRows, rows.FirstFault);
        }
    }
}
