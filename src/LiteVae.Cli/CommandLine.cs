using System.CommandLine;
using LiteVae.Cli.Commands;

namespace LiteVae.Cli;

/// <summary>The program: its commands, and what becomes of their errors.</summary>
internal static class CommandLine
{
    /// <summary>All commands with their arguments.</summary>
    public static RootCommand Create() => new("LiteVAE: photos to latents and back. Train a model and export it, or import published weights; look at what it does.")
    {
        ReconstructCommand.Create(),
        EncodeCommand.Create(),
        TrainCommand.Create(),
        ExportCommand.Create(),
        ImportCommand.Create(),
        InfoCommand.Create(),
        DoctorCommand.Create(),
    };

    /// <summary>Runs a command line and returns the exit code.</summary>
    public static int Run(string[] arguments)
    {
        try
        {
            var root = Create();
            var parsed = root.Parse(arguments);
            if (parsed.Errors.Count > 0)
            {
                var command = parsed.CommandResult.Command == root ? "" : $" {parsed.CommandResult.Command.Name}";
                return Refuse(parsed.Errors.Select(error => error.Message), command);
            }

            // Our commands handle Ctrl-C themselves: a training step may take longer than the library would wait.
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception e)
        {
            Console.Error.WriteLine(IsUsersToMend(e) ? $"litevae: {e.Message}" : $"litevae: a fault of this program, please report it: {e}");
            return ExitCode.Nothing;
        }
    }

    private static int Refuse(IEnumerable<string> faults, string command)
    {
        foreach (var fault in faults)
        {
            Console.Error.WriteLine($"litevae: {fault}");
        }

        Console.Error.WriteLine($"See `litevae{command} --help`.");
        return ExitCode.Nothing;
    }

    /// <summary>Errors whose message tells the user what to do; of any other one the stack is shown.</summary>
    private static bool IsUsersToMend(Exception e) => e
        is ArgumentException or InvalidDataException or InvalidOperationException or IOException or UnauthorizedAccessException or DllNotFoundException
        or OperationCanceledException;
}
