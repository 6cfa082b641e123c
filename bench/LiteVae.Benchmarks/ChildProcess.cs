using System.Diagnostics;
using System.Globalization;

namespace LiteVae.Benchmarks;

/// <summary>A part of a question that needs a process of its own: this program again, with a hidden command.</summary>
internal static class ChildProcess
{
    /// <summary>Runs it to its end.</summary>
    /// <param name="arguments">The hidden command and what it takes.</param>
    /// <returns>The numbers of its last line.</returns>
    public static double[] Run(params string[] arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, typeof(ChildProcess).Assembly.GetName().Name + (OperatingSystem.IsWindows() ? ".exe" : ""));
        using var child = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return child.ExitCode == 0
            ? [.. output.TrimEnd().Split('\n')[^1].Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))]
            : throw new InvalidOperationException($"`{string.Join(' ', arguments)}` ended with {child.ExitCode}.");
    }

    /// <summary>This process's peak resident memory in bytes.</summary>
    public static long Peak()
    {
        using var self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64;
    }
}
