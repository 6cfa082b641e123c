namespace LiteVae.Cli.Reports;

/// <summary>How far an encoding job is: sources found, then images done; each failure stays.</summary>
internal sealed class EncodeProgressLine : IProgress<EncodeProgress>, IDisposable
{
    private readonly ProgressLine _search = new("plan", 0);
    private ProgressLine? _encoding;

    /// <inheritdoc/>
    public void Report(EncodeProgress value)
    {
        if (value.Total == 0)
        {
            _search.Report(last: false, () => $"{value.Found} images found", () => new { @event = "progress", command = "plan", found = value.Found });
            return;
        }

        if (_encoding is null)
        {
            _search.Dispose();
            _encoding = new ProgressLine("encode", value.Total);
        }

        if (value.Failure is { } failure)
        {
            _encoding.Say($"{FaultText.Printable(failure.Source)}: {failure.Reason}");
        }

        _encoding.Report(value.Done, value.Failed);
    }

    /// <summary>Removes the line from the terminal.</summary>
    public void Dispose()
    {
        _search.Dispose();
        _encoding?.Dispose();
    }
}
