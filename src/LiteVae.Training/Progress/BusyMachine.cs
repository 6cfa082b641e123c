using System.Globalization;

namespace LiteVae.Training;

/// <summary>Says when other programs take the processors, which stalls a training on them: libtorch's threads wait for each other after every operation.</summary>
internal static class BusyMachine
{
    private const double MostLoad = 0.3; // of the processors

    /// <summary>What to tell the user as a training on processors starts, or null where there is nothing to say.</summary>
    public static string? Warning()
    {
        const string loads = "/proc/loadavg";
        return !File.Exists(loads) || Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is not null
            ? null
            : Warning(File.ReadAllText(loads), File.ReadLines("/proc/stat").Count(line => line.StartsWith("cpu", StringComparison.Ordinal) && char.IsAsciiDigit(line[3])));
    }

    /// <summary>What to tell the user about a machine of a known load.</summary>
    /// <param name="loads">What <c>/proc/loadavg</c> holds: its first number is the last minute's.</param>
    /// <param name="processors">The machine's, which are more than this process's in a container: the load is the whole machine's too.</param>
    internal static string? Warning(string loads, int processors)
    {
        var load = double.Parse(loads.Split(' ')[0], CultureInfo.InvariantCulture);
        return load <= MostLoad * processors
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"the last minute's load of this machine was {load:0.0} on {processors} processors. Beside other programs libtorch's threads wait for each other, and a step can take many times as long: set OMP_NUM_THREADS to the processors that are free, {Math.Max(1, (int)(processors - load))} here.");
    }
}
