using System.Runtime.InteropServices;

namespace LiteVae.Cli;

/// <summary>Ctrl-C (or SIGTERM) as a request to stop cleanly; a second one ends the program at once.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;

    /// <summary>Listens until disposed.</summary>
    /// <param name="message">Said when the request arrives: what is being finished before the program stops.</param>
    public Interruption(string message)
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

        void Stop(PosixSignalContext signal)
        {
            if (!_source.IsCancellationRequested)
            {
                signal.Cancel = true;
                Console.Error.WriteLine($"\nlitevae: stopping: {message} Once more stops at once.");
                _source.Cancel();
            }
        }
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _source.Dispose();
    }
}
