using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace LiteVae;

/// <summary>
/// The rows of one batch and what became of each: the model runs at the first demand, once for each group of good rows;
/// the fault of a bad row, before the model or in it, is thrown at the demand for that row alone, or turns it into a missing value.
/// </summary>
internal sealed class BatchRows(IBatchWorker worker, int capacity, BatchingSettings settings) : IDisposable
{
    /// <summary>What <see cref="Demand"/> gives for a row whose outputs are missing values.</summary>
    public const int Missing = -1;

    private readonly ExceptionDispatchInfo?[] _errors = new ExceptionDispatchInfo?[capacity];
    private readonly long[] _positions = new long[capacity];
    private readonly RowState[] _states = new RowState[capacity];
    private int _count;
    private bool _ran;

    private enum RowState
    {
        Fetched,
        Prepared,
        Done,
    }

    /// <summary>Bad rows so far, over all batches.</summary>
    public long BadRows { get; private set; }

    /// <summary>Why the first bad row was bad.</summary>
    public string? FirstFault { get; private set; }

    /// <summary>Forgets the rows.</summary>
    public void Clear() => (_count, _ran) = (0, false);

    /// <summary>Adds the current input row. A bad one is remembered and not thrown.</summary>
    /// <param name="position">Its number in the input, for errors.</param>
    public void Fetch(long position)
    {
        settings.ThrowIfCancelled();
        var slot = _count;
        (_errors[slot], _positions[slot], _states[slot]) = (null, position, RowState.Fetched);
        try
        {
            worker.Fetch(slot);
        }
        catch (Exception e) when (IsRowError(e))
        {
            Mark(slot, e);
        }

        _count++;
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

        if (settings.OnError == OnRowError.Throw)
        {
            error.Throw();
        }

        return Missing;
    }

    public void Dispose() => worker.Dispose();

    private void Run()
    {
        // Where a cancellation ended this before, it goes on from there.
        Prepare(GoodSlots(RowState.Fetched));
        foreach (var group in worker.Groups(GoodSlots(RowState.Prepared)))
        {
            if (!TryRun(group, out var error))
            {
                RunOneByOne(group, error);
            }
        }

        _ran = true;
    }

    private int[] GoodSlots(RowState state) => [.. Enumerable.Range(0, _count).Where(slot => _errors[slot] is null && _states[slot] == state)];

    private void Prepare(int[] slots)
    {
        var errors = new Exception?[slots.Length];
        if (slots.Length == 1)
        {
            errors[0] = TryPrepare(slots[0]);
        }
        else
        {
            Parallel.For(0, slots.Length, new ParallelOptions { MaxDegreeOfParallelism = settings.Threads }, i => errors[i] = TryPrepare(slots[i]));
        }

        settings.ThrowIfCancelled();
        for (var i = 0; i < slots.Length; i++)
        {
            if (errors[i] is { } error)
            {
                Mark(slots[i], error);
            }
        }

        Exception? TryPrepare(int slot)
        {
            try
            {
                if (!settings.IsCancelled)
                {
                    worker.Prepare(slot);
                    _states[slot] = RowState.Prepared;
                }

                return null;
            }
            catch (Exception e) when (IsRowError(e))
            {
                return e;
            }
        }
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
        settings.ThrowIfCancelled();
        try
        {
            worker.Run(group);
            foreach (var slot in group)
            {
                _states[slot] = RowState.Done;
            }

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
        var named = new InvalidDataException($"Row {_positions[slot]}: {error.Message}", error);
        _errors[slot] = ExceptionDispatchInfo.Capture(named);
        FirstFault ??= named.Message;
        BadRows++;
        settings.CountBadRow();
        ModelMetrics.Failed(error.GetType().Name);
    }

    private static bool IsRowError(Exception error) => error is not (OperationCanceledException or ObjectDisposedException);
}
