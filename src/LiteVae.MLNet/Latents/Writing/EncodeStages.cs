using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace LiteVae;

/// <summary>The stages of a job, each on a thread of its own: the first that fails ends all, and its error is the one that counts.</summary>
internal sealed class EncodeStages : IDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly List<Task> _tasks = [];
    private ExceptionDispatchInfo? _fault;

    /// <summary>Begins without a stage.</summary>
    public EncodeStages(CancellationToken cancellation) => _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);

    /// <summary>Cancelled when a stage has failed, or the caller wants an end.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>Starts a stage.</summary>
    /// <param name="work">What it does.</param>
    /// <param name="completes">What is complete at its end, or null.</param>
    public void Start<T>(Action work, BlockingCollection<T>? completes) => _tasks.Add(Task.Factory.StartNew(
        () => Guard(() =>
        {
            work();
            completes?.CompleteAdding();
        }),
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default));

    /// <summary>Does the last stage on this thread, then waits for all.</summary>
    /// <exception cref="OperationCanceledException">The caller wanted an end.</exception>
    public void Finish(Action work)
    {
        Guard(work);
        Task.WaitAll(_tasks);
        _fault?.Throw();
    }

    /// <summary>Forgets the stages.</summary>
    public void Dispose() => _stop.Dispose();

    private void Guard(Action work)
    {
        try
        {
            work();
        }
        catch (Exception e)
        {
            // What the others say, once stopped, is that they were.
            Interlocked.CompareExchange(ref _fault, ExceptionDispatchInfo.Capture(e), null);
            _stop.Cancel();
        }
    }
}
