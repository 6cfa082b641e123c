namespace LiteVae.Cli;

/// <summary>What the program returns to the shell.</summary>
internal static class ExitCode
{
    /// <summary>All is done.</summary>
    public const int Done = 0;

    /// <summary>Some inputs failed; the rest is done, and what failed is listed.</summary>
    public const int Partial = 1;

    /// <summary>Wrong usage, or nothing could be done.</summary>
    public const int Nothing = 2;

    /// <summary>Ctrl-C or SIGTERM came before the end: what a shell says of a program that Ctrl-C ended. Those who start the command again can tell it from <see cref="Partial"/>.</summary>
    public const int Interrupted = 130;
}
