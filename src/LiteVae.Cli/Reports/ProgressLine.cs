using System.Diagnostics;
using System.Globalization;

namespace LiteVae.Cli.Reports;

/// <summary>How far a command is, on standard error: one line that renews itself on a terminal, else one JSON line every few seconds.</summary>
/// <param name="command">The command's name, for the JSON lines.</param>
/// <param name="total">Items to do.</param>
internal sealed class ProgressLine(string command, long total) : IDisposable
{
    private static readonly TimeSpan TerminalInterval = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    private readonly bool _terminal = !Console.IsErrorRedirected;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Lock _gate = new();
    private TimeSpan _last = TimeSpan.Zero;
    private bool _shown;

    /// <summary>Says how many items are done, if it is time to.</summary>
    public void Report(long done, long failures)
    {
        var rate = done / Math.Max(_clock.Elapsed.TotalSeconds, 1e-3);
        Report(
            done == total,
            () => string.Create(CultureInfo.InvariantCulture, $"{done}/{total} images, {rate:0.0}/s, {Left((total - done) / rate)} left, {failures} failed"),
            () => new { @event = "progress", command, done, total, rate = Math.Round(rate, 2), eta_seconds = Math.Round((total - done) / rate, 1), failures });
    }

    /// <summary>Says a line of the caller's own, if it is time to.</summary>
    /// <param name="last">The last one is always said.</param>
    /// <param name="text">What a person reads.</param>
    /// <param name="json">What a program reads.</param>
    public void Report(bool last, Func<string> text, Func<object> json)
    {
        lock (_gate)
        {
            if (!last && _clock.Elapsed - _last < (_terminal ? TerminalInterval : LineInterval))
            {
                return;
            }

            _last = _clock.Elapsed;
            if (_terminal)
            {
                Clear();
                Console.Error.Write(text());
                _shown = true;
            }
            else
            {
                Console.Error.WriteLine(Output.Line(json()));
            }
        }
    }

    /// <summary>Says something that stays, such as a failure.</summary>
    public void Say(string message)
    {
        lock (_gate)
        {
            Clear();
            Console.Error.WriteLine($"litevae: {message}");
        }
    }

    /// <summary>Removes the line from the terminal.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            Clear();
        }
    }

    /// <summary>A time as hours, minutes and seconds; days where it takes them.</summary>
    internal static string Left(double seconds) => double.IsFinite(seconds) && seconds < TimeSpan.MaxValue.TotalSeconds
        ? TimeSpan.FromSeconds(Math.Round(seconds)).ToString("g", CultureInfo.InvariantCulture)
        : "?";

    private void Clear()
    {
        if (_shown)
        {
            Console.Error.Write("\r\u001b[K"); // back to the first column, clear to the end of the line
            _shown = false;
        }
    }
}
