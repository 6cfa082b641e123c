using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace LiteVae.Benchmarks;

/// <summary>A Python process that trains the same network with PyTorch when it is told to, and waits otherwise.</summary>
internal sealed class PyTorchChild : IDisposable
{
    private readonly Process _process;

    /// <summary>Starts it.</summary>
    /// <param name="python">The program.</param>
    /// <param name="folder">What bench/pytorch/train_step.py asks for.</param>
    /// <param name="threads">Threads of its libtorch.</param>
    public PyTorchChild(string python, string folder, int threads)
    {
        string[] arguments = ["-B", Path.Combine(AppContext.BaseDirectory, "pytorch", "train_step.py"), folder, threads.ToString(CultureInfo.InvariantCulture)];
        _process = Process.Start(new ProcessStartInfo(python, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
    }

    /// <summary>A Python with PyTorch and NumPy, and what it says of its PyTorch; null where there is none.</summary>
    /// <param name="named">The program to ask; null for the usual ones.</param>
    public static (string Python, string Version)? Find(string? named)
    {
        const string question = "import numpy, re, torch; print(torch.__version__, *re.findall('BLAS_INFO=[^,]+', torch.__config__.show()))";
        foreach (var python in named is null ? ["python3", "/usr/bin/python3"] : new[] { named })
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(python, ["-c", question]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
                var faults = process.StandardError.ReadToEndAsync();
                var version = process.StandardOutput.ReadToEnd().Trim();
                process.WaitForExit();
                if (process.ExitCode == 0)
                {
                    return (python, version);
                }
            }
            catch (Win32Exception)
            {
                // there is no such program
            }
        }

        return null;
    }

    /// <summary>Tells it to do something, and waits for its answer.</summary>
    /// <param name="command">A line.</param>
    /// <param name="lines">Lines of the answer.</param>
    /// <exception cref="InvalidOperationException">It ended.</exception>
    public string[] Ask(string command, int lines)
    {
        _process.StandardInput.WriteLine(command);
        _process.StandardInput.Flush();
        return [.. Enumerable.Range(0, lines).Select(_ => _process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException($"The Python process ended before it had answered '{command}'; what it said stands above."))];
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
