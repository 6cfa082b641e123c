using System.Diagnostics;
using System.Text.Json;

namespace LiteVae.Cli.Tests;

/// <summary>Runs the built program as a process of its own.</summary>
internal static class Litevae
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10); // packing takes some on a busy machine

    /// <summary>The program, beside the tests.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "litevae.dll");

    /// <summary>Runs a command to its end.</summary>
    public static Task<Result> Run(params string[] arguments) => Run(arguments, []);

    /// <summary>Runs a command to its end, with further environment variables.</summary>
    public static Task<Result> Run(string[] arguments, Dictionary<string, string> environment) => Finish(Start(arguments, environment));

    /// <summary>Starts a command; <see cref="Finish"/> ends it.</summary>
    public static Process Start(string[] arguments, Dictionary<string, string>? environment = null) =>
        StartDotnet([Program, .. arguments], AppContext.BaseDirectory, environment);

    /// <summary>Starts <c>dotnet</c> with its output caught.</summary>
    public static Process StartDotnet(string[] arguments, string folder, Dictionary<string, string>? environment = null) => StartProgram("dotnet", arguments, folder, environment);

    /// <summary>Starts a program with its output caught.</summary>
    public static Process StartProgram(string program, string[] arguments, string folder, Dictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };

        // The tests run side by side: each with all cores would have them wait for one another.
        start.Environment["OMP_NUM_THREADS"] = "1";
        foreach (var (name, value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Sends a process a Unix signal: INT, as Ctrl-C does, or TERM, as an eviction does.</summary>
    public static async Task Signal(Process process, string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{process.Id}"]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Waits for a process and takes what it said.</summary>
    public static async Task<Result> Finish(Process process)
    {
        using var owned = process;
        using var patience = new CancellationTokenSource(Patience);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var error = process.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return new Result(process.ExitCode, await output, await error);
    }

    /// <summary>What a command said and returned.</summary>
    public sealed record Result(int ExitCode, string Out, string Error)
    {
        /// <summary>The JSON object on standard output.</summary>
        public JsonElement Json => JsonDocument.Parse(Out).RootElement;

        /// <summary>Fails, with what the command said, unless it returned the exit code.</summary>
        public Result Expect(int exitCode)
        {
            Assert.True(ExitCode == exitCode, $"exit code {ExitCode}, expected {exitCode}\n{Out}\n{Error}");
            return this;
        }
    }
}
