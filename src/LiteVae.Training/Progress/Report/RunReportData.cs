namespace LiteVae.Training;

/// <summary>How a run stands.</summary>
internal enum RunState
{
    /// <summary>It goes on, unless it was killed: the page shows when it was written.</summary>
    Running,

    /// <summary>All steps are done.</summary>
    Finished,

    /// <summary>Its caller stopped it; it can be resumed.</summary>
    Stopped,

    /// <summary>A loss or a gradient was not finite.</summary>
    Diverged,
}

/// <summary>A number over the steps of a run.</summary>
/// <param name="Name">What it is, for a reader.</param>
/// <param name="Group">Heading that it stands under; groups come in the order of their first curve.</param>
/// <param name="Unit">Such as dB; empty for none.</param>
/// <param name="Points">By steps done, ascending; values that are not finite are counted, not drawn.</param>
internal sealed record ReportCurve(string Name, string Group, string Unit, IReadOnlyList<(long Step, double Value)> Points);

/// <summary>A picture of reconstructions.</summary>
/// <param name="Step">Steps done when it was made.</param>
/// <param name="Path">The image file.</param>
internal sealed record ReportPicture(long Step, string Path);

/// <summary>Something a reader should know.</summary>
/// <param name="Step">Steps done when it was noticed.</param>
/// <param name="Text">A sentence.</param>
internal sealed record ReportWarning(long Step, string Text);

/// <summary>What a <see cref="RunReport"/> shows. No text in it is trusted.</summary>
internal sealed record RunReportData
{
    /// <summary>The run's name, for the title.</summary>
    public required string Name { get; init; }

    /// <summary>How it stands.</summary>
    public required RunState State { get; init; }

    /// <summary>Steps done.</summary>
    public required long StepsDone { get; init; }

    /// <summary>Steps of the whole run.</summary>
    public required long TotalSteps { get; init; }

    /// <summary>Estimate for the rest of a running run; null where there is none.</summary>
    public double? SecondsLeft { get; init; }

    /// <summary>When this was.</summary>
    public DateTimeOffset Written { get; init; } = DateTimeOffset.UtcNow;

    /// <summary>What is trained, in a line.</summary>
    public string Model { get; init; } = "";

    /// <summary>How, in a line.</summary>
    public string Recipe { get; init; } = "";

    /// <summary>The run's options, a JSON object.</summary>
    public string OptionsJson { get; init; } = "{}";

    /// <summary>The curves.</summary>
    public IReadOnlyList<ReportCurve> Curves { get; init; } = [];

    /// <summary>The pictures, ascending by step; the page holds a few of them.</summary>
    public IReadOnlyList<ReportPicture> Pictures { get; init; } = [];

    /// <summary>What the latest evaluation made of held-out images; null where there was none.</summary>
    public HeldOutPictures? HeldOut { get; init; }

    /// <summary>The warnings, oldest first; the page holds the newest.</summary>
    public IReadOnlyList<ReportWarning> Warnings { get; init; } = [];
}
