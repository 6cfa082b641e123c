using System.Diagnostics;
using System.Globalization;
using LiteVae.Tests;
using LiteVae.Tests.Shared;

namespace LiteVae.Training.Tests;

/// <summary>Runs the program tests/ParallelApp as several ranks.</summary>
internal static class Mpirun
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly Lazy<bool> IsThere = new(() =>
        OperatingSystem.IsLinux() && OnPath.Find("mpirun") is { } mpirun && VersionOf(mpirun).Contains("Open MPI", StringComparison.Ordinal));

    /// <summary>Starts ranks that do what the arguments say; skips the running test where there is no Open MPI.</summary>
    public static Process Start(int ranks, params string[] arguments)
    {
        Assert.SkipUnless(IsThere.Value, "needs Open MPI's mpirun: on Debian or Ubuntu, apt-get install openmpi-bin");
        return Start("mpirun", ["-n", ranks.ToString(CultureInfo.InvariantCulture), "--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "dotnet", App, .. arguments], []);
    }

    /// <summary>Starts the program by itself, with further environment variables.</summary>
    public static Process StartAlone(Dictionary<string, string> environment, params string[] arguments) => Start("dotnet", [App, .. arguments], environment);

    /// <summary>Runs ranks to their end.</summary>
    public static Task<Result> Run(int ranks, params string[] arguments) => Finish(Start(ranks, arguments));

    /// <summary>Waits for a process and takes what it said.</summary>
    public static async Task<Result> Finish(Process process)
    {
        using var owned = process;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var error = process.StandardError.ReadToEndAsync(patience.Token);
            var lines = (await process.StandardOutput.ReadToEndAsync(patience.Token)).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            await process.WaitForExitAsync(patience.Token);
            return new Result(process.ExitCode, lines, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static string App => SharedData.App("ParallelApp");

    private static Process Start(string program, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[NativeTorch.FolderVariable] = Path.GetDirectoryName(NativeTorch.Find("libtorch_cpu.so"));
        start.Environment["TERM"] = "dumb"; // mpirun gives its ranks a terminal, which .NET would set up with control characters
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private static string VersionOf(string program)
    {
        using var process = Process.Start(new ProcessStartInfo(program, ["--version"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        return process.StandardOutput.ReadToEnd();
    }

    /// <summary>What the ranks said, line by line, and what mpirun returned.</summary>
    public sealed record Result(int ExitCode, string[] Lines, string Error)
    {
        /// <summary>What each rank said after a word, in the ranks' order.</summary>
        public string[] Of(string word) =>
            [.. Lines.Select(line => line.Split(' ', 3)).Where(parts => parts.Length == 3 && parts[1] == word).OrderBy(parts => int.Parse(parts[0], CultureInfo.InvariantCulture)).Select(parts => parts[2])];

        /// <summary>Fails, with what was said, unless all ended well.</summary>
        public Result ExpectSuccess()
        {
            Assert.True(ExitCode == 0, $"exit code {ExitCode}\n{string.Join('\n', Lines)}\n{Error}");
            return this;
        }
    }
}
