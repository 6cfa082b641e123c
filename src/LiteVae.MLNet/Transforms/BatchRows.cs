using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace LiteVae;

/// <summary>
/// The rows of one batch and what became of each: the model runs at the first demand, once for each group of good rows;
/// the fault of a bad row, before the model or in it, is thrown at the demand for that row alone, or turns it into a missing value.
/// </summary>
internal sealed class BatchRows(IBatchWorker worker, int capacity, OnRowError onError, CancellationToken cancellation) : IDisposable
{
    /// <summary>What <see cref="Demand"/> gives for a row whose outputs are missing values.</summary>
    public const int Missing = -1;

    private readonly ExceptionDispatchInfo?[] _errors = new ExceptionDispatchInfo?[capacity];
    private int _count;
    private bool _ran;

    /// <summary>Bad rows so far, over all batches.</summary>
    public long BadRows { get; private set; }

    /// <summary>Why the first bad row was bad.</summary>
    public string? FirstFault { get; private set; }

    /// <summary>Forgets the rows.</summary>
    public void Clear() => (_count, _ran) = (0, false);

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
        catch (Exception e) when (IsRowError(e))
        {
            Mark(slot, e);
        }
    }

    /// <summary>The slot itself when its outputs are computed, <see cref="Missing"/> when they are missing values.</summary>
    public int Demand(int slot)
    {
        if (_errors[slot] is null && !_ran)
        {
            Run();
        }

        if (_errors[slot] is not { } error)
        {
            return slot;
        }

        if (onError == OnRowError.Throw)
        {
            error.Throw();
        }

        return Missing;
    }

    public void Dispose() => worker.Dispose();

    private void Run()
    {
        worker.LoadModel();
        foreach (var group in worker.Groups([.. Enumerable.Range(0, _count).Where(slot => _errors[slot] is null)]))
        {
            if (!TryRun(group, out var error))
            {
                RunOneByOne(group, error);
            }
        }

        _ran = true;
    }

    // One row may have failed its whole group: alone, each gets its values or its own error.
    private void RunOneByOne(IReadOnlyList<int> group, Exception error)
    {
        foreach (var slot in group)
        {
            var own = error;
            if (group.Count == 1 || !TryRun([slot], out own))
            {
                Mark(slot, own);
            }
        }
    }

    private bool TryRun(IReadOnlyList<int> group, [NotNullWhen(false)] out Exception? error)
    {
        cancellation.ThrowIfCancellationRequested();
        try
        {
            worker.Run(group);
            error = null;
            return true;
        }
        catch (Exception e) when (IsRowError(e))
        {
            error = e;
            return false;
        }
    }

    private void Mark(int slot, Exception error)
    {
        _errors[slot] = ExceptionDispatchInfo.Capture(error);
        FirstFault ??= error.Message;
        BadRows++;
    }

    private static bool IsRowError(Exception error) => error is not (OperationCanceledException or ObjectDisposedException);
}
