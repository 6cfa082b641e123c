using Microsoft.ML.Runtime;

namespace LiteVae;

/// <summary>What every cursor and row of one transformer shares.</summary>
internal sealed record BatchingSettings(IHost Host, int BatchSize, OnRowError OnError, CancellationToken Cancellation)
{
    public static BatchingSettings From(IHost host, LiteVaeTransformOptions options) =>
        new(host, options.BatchSize, options.OnError, options.CancellationToken);

    /// <summary>Writes to ML.NET's log how many rows became missing values.</summary>
    public void ReportBadRows(BatchRows rows)
    {
        if (OnError == OnRowError.Missing && rows.BadRows > 0)
        {
            using var channel = Host.Start("Rows");
            channel.Warning("{0} rows could not be used and have missing values. The first: {1}", rows.BadRows, rows.FirstFault);
        }
    }
}
