using System.Diagnostics;

namespace LiteVae.Benchmarks;

/// <summary>A run of the command line as a user starts it: a process of its own.</summary>
/// <param name="Seconds">From its start to its end.</param>
/// <param name="Peak">Its peak resident memory, bytes.</param>
internal sealed record CommandRun(double Seconds, long Peak)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    /// <summary>Runs a command to its end.</summary>
    /// <exception cref="InvalidOperationException">It ended with something else than 0; what it said goes with it.</exception>
    public static CommandRun Of(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "litevae.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        var peak = 0L;
        while (!process.WaitForExit(Look))
        {
            try
            {
                process.Refresh();
                peak = Math.Max(peak, process.PeakWorkingSet64); // the system keeps it: a look now and then misses nothing but the very end
            }
            catch (InvalidOperationException)
            {
                // it has ended since
            }
        }

        var seconds = clock.Elapsed.TotalSeconds;
        return process.ExitCode == 0 ? new CommandRun(seconds, peak)
            : throw new InvalidOperationException($"litevae {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{output.Result}\n{error.Result}");
    }
}
