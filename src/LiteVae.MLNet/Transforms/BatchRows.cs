using System.Runtime.ExceptionServices;

namespace LiteVae;

/// <summary>
/// The rows of one batch and what became of each: the model runs at the first demand, once for all good rows;
/// the fault of a bad row is thrown at the demand for that row alone, or turns it into a missing value.
/// </summary>
internal sealed class BatchRows(IBatchWorker worker, int capacity, OnRowError onError, CancellationToken cancellation) : IDisposable
{
    /// <summary>What <see cref="Demand"/> gives for a row whose outputs are missing values.</summary>
    public const int Missing = -1;

    private readonly ExceptionDispatchInfo?[] _errors = new ExceptionDispatchInfo?[capacity];
    private int _count;
    private bool _ran;
    private ExceptionDispatchInfo? _runError;

    /// <summary>Bad rows so far, over all batches.</summary>
    public long BadRows { get; private set; }

    /// <summary>Why the first bad row was bad.</summary>
    public string? FirstFault { get; private set; }

    /// <summary>Forgets the rows.</summary>
    public void Clear() => (_count, _ran, _runError) = (0, false, null);

    /// <summary>Adds the current input row. A bad one is remembered and not thrown.</summary>
    public void Fetch()
    {
        cancellation.ThrowIfCancellationRequested();
        var slot = _count++;
        _errors[slot] = null;
        try
        {
            worker.Fetch(slot);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _errors[slot] = ExceptionDispatchInfo.Capture(e);
            FirstFault ??= e.Message;
            BadRows++;
        }
    }

    /// <summary>The slot itself when its outputs are computed, <see cref="Missing"/> when they are missing values.</summary>
    public int Demand(int slot)
    {
        if (_errors[slot] is { } error)
        {
            return onError == OnRowError.Missing ? Missing : Throw(error);
        }

        if (_runError is { } runError)
        {
            return Throw(runError);
        }

        if (!_ran)
        {
            Run();
        }

        return slot;
    }

    public void Dispose() => worker.Dispose();

    private void Run()
    {
        cancellation.ThrowIfCancellationRequested();
        try
        {
            worker.Run([.. Enumerable.Range(0, _count).Where(slot => _errors[slot] is null)]);
            _ran = true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Every row of the batch fails with it; the model is not run again for each of them.
            _runError = ExceptionDispatchInfo.Capture(e);
            throw;
        }
    }

    private static int Throw(ExceptionDispatchInfo error)
    {
        error.Throw();
        return Missing;
    }
}
