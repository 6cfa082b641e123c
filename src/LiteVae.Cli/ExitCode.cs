namespace LiteVae.Cli;

/// <summary>What the program returns to the shell.</summary>
internal static class ExitCode
{
    /// <summary>All is done.</summary>
    public const int Done = 0;

    /// <summary>Some inputs failed or were not reached; the rest is done, and what failed is listed.</summary>
    public const int Partial = 1;

    /// <summary>Wrong usage, or nothing could be done.</summary>
    public const int Nothing = 2;
}
