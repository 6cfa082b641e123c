using System.Diagnostics;
using System.Globalization;

namespace LiteVae.Training;

/// <summary>Says when other programs take the processors, which stalls a training on them: libtorch's threads wait for each other after every operation.</summary>
internal static class BusyMachine
{
    private const double MostUse = 0.3; // of the processors, by others
    private const double NearlyFree = 0.2; // so little use leaves a processor free
    private const string Load = "/proc/loadavg";
    private const string Times = "/proc/stat"; // of the whole machine, in a container too
    private const double TicksPerSecond = 100;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    /// <summary>What to tell the user as a training on processors starts, or null where there is nothing to say. Takes a fifth of a second where the last minute was busy.</summary>
    public static string? Warning()
    {
        if (!File.Exists(Load) || Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is not null)
        {
            return null;
        }

        var processors = File.ReadLines(Times).Count(line => line.StartsWith("cpu", StringComparison.Ordinal) && char.IsAsciiDigit(line[3]));
        var load = double.Parse(File.ReadAllText(Load).Split(' ')[0], CultureInfo.InvariantCulture);
        return load <= MostUse * processors ? null : Warning(UsedByOthers(), processors);
    }

    /// <summary>What to tell the user about a machine whose use is known.</summary>
    /// <param name="used">Processors that other programs use.</param>
    /// <param name="processors">The machine's.</param>
    internal static string? Warning(double used, int processors) => used <= MostUse * processors ? null : string.Create(
        CultureInfo.InvariantCulture,
        $"other programs use {used:0.0} of this machine's {processors} processors. libtorch's threads then wait for each other, and a step can take many times as long: set OMP_NUM_THREADS to the processors that are free, {Math.Max(1, (int)(processors - used + NearlyFree))} here.");

    /// <summary>Seconds of all processors in the first line of <c>/proc/stat</c> in which they were neither idle nor waiting for a disk.</summary>
    internal static double Busy(string times)
    {
        var ticks = times.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..9].Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        return (ticks.Sum() - ticks[3] - ticks[4]) / TicksPerSecond;
    }

    private static double UsedByOthers()
    {
        var (busy, own, watch) = (Busy(), Own(), Stopwatch.StartNew());
        Thread.Sleep(Look);
        return (Busy() - busy - (Own() - own)) / watch.Elapsed.TotalSeconds;

        static double Busy() => BusyMachine.Busy(File.ReadLines(Times).First());

        static double Own() => Environment.CpuUsage.TotalTime.TotalSeconds;
    }
}
