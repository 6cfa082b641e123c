using System.CommandLine;
using System.Runtime.InteropServices;
using LiteVae.Cli.Commands;
using LiteVae.Cli.Help;
using Microsoft.ML.OnnxRuntime;

namespace LiteVae.Cli;

/// <summary>The program: its commands, and what becomes of their errors.</summary>
internal static class CommandLine
{
    // libtorch on Linux, on Windows and on CUDA; ONNX Runtime
    private static readonly string[] OutOfMemoryWords = ["can't allocate memory", "not enough memory", "out of memory", "Failed to allocate memory"];

    /// <summary>All commands with their arguments.</summary>
    public static RootCommand Create() => HelpWithExamples.AddTo(new RootCommand("LiteVAE: photos to latents and back. Train a model and export it, or import published weights; look at what it does.")
    {
        ReconstructCommand.Create(),
        EncodeCommand.Create(),
        DecodeCommand.Create(),
        LatentsCommand.Create(),
        EvalCommand.Create(),
        TrainCommand.Create(),
        ExportCommand.Create(),
        ImportCommand.Create(),
        InfoCommand.Create(),
        DoctorCommand.Create(),
        CompletionCommand.Create(),
    });

    /// <summary>Runs a command line and returns the exit code.</summary>
    public static int Run(string[] arguments)
    {
        try
        {
            var root = Create();
            var parsed = root.Parse(arguments.Length == 0 ? ["--help"] : arguments);
            if (parsed.Errors.Count > 0)
            {
                return Refuse(parsed.Errors.Select(error => error.Message), Examples.PathOf(parsed.CommandResult.Command));
            }

            // Our commands handle Ctrl-C themselves: a training step may take longer than the library would wait.
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("litevae: stopped."); // what becomes of the work was said when the signal came
            return ExitCode.Interrupted;
        }
        catch (Exception e)
        {
            Console.Error.WriteLine($"litevae: {Explain(e)}");
            return ExitCode.Nothing;
        }
    }

    private static int Refuse(IEnumerable<string> faults, string command)
    {
        foreach (var fault in faults)
        {
            Console.Error.WriteLine($"litevae: {fault}");
        }

        Console.Error.WriteLine($"See `{command} --help`.");
        return ExitCode.Nothing;
    }

    /// <summary>What the user is told of an error.</summary>
    internal static string Explain(Exception e) =>
        IsOutOfMemory(e) ? $"there is not enough memory for this ({e.Message.Split('\n')[0].Trim()}). Take smaller images, a smaller batch or a smaller model, or end other programs."
        : e is ArgumentException { ParamName: { } name } ? e.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal)
        : IsUsersToMend(e) ? e.Message
        : $"a fault of this program, please report it: {e}";

    /// <summary>Whether there was no memory; libtorch and ONNX Runtime tell it by their words alone, and libtorch adds pages of its own stack.</summary>
    private static bool IsOutOfMemory(Exception e) =>
        e is OutOfMemoryException || (e is ExternalException or OnnxRuntimeException && OutOfMemoryWords.Any(words => e.Message.Contains(words, StringComparison.Ordinal)));

    /// <summary>Errors whose message tells the user what to do; of any other one the stack is shown.</summary>
    private static bool IsUsersToMend(Exception e) => e
        is ArgumentException or InvalidDataException or InvalidOperationException or IOException or UnauthorizedAccessException or DllNotFoundException
        or TimeoutException;
}
