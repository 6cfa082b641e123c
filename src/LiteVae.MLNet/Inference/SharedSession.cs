using Microsoft.ML.OnnxRuntime;

namespace LiteVae;

/// <summary>
/// One ONNX Runtime session for everybody who uses a model: created at the first lease, kept until it is disposed and the last
/// lease is back. So disposing a model under a running call, or under an open cursor, lets that one finish.
/// </summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="name">The model, for error messages.</param>
/// <param name="create">Makes the session, and says what its attention may take, or null for no limit, and how it does large images, or null for in one piece.</param>
internal sealed class SharedSession(string name, Func<(InferenceSession Session, AttentionLimit? Attention, Tiling? Tiling)> create) : IDisposable
{
    private readonly Lock _gate = new();
    private InferenceSession? _session;
    private AttentionLimit? _attention;
    private Tiling? _tiling;
    private int _leases;
    private bool _closed;
    private long _runs;

    /// <summary>How often the model ran; for logs and tests.</summary>
    public long Runs => Interlocked.Read(ref _runs);

    /// <summary>Whether a session is held at the moment.</summary>
    public bool IsAlive
    {
        get
        {
            lock (_gate)
            {
                return _session is not null;
            }
        }
    }

    /// <summary>The right to run the model until the lease is disposed. The caller owns the lease.</summary>
    /// <exception cref="ObjectDisposedException">The session is disposed.</exception>
    public SessionLease Acquire()
    {
        lock (_gate)
        {
            if (_closed)
            {
                throw new ObjectDisposedException(
                    nameof(LiteVaeModel),
                    $"The model {name} is disposed. Keep the model, or the transformer or chain that owns it, until everything that uses it is read; a PredictionEngine disposes"
                    + " its transformer with itself unless it is made with OwnsTransformer = false.");
            }

            if (_session is null)
            {
                (_session, _attention, _tiling) = create();
            }

            _leases++;
            return new SessionLease(this, name, _session, _attention, _tiling);
        }
    }

    /// <summary>Refuses new leases; the session goes with the last one that is still out.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            EndIfUnused();
        }
    }

    internal void CountRun() => Interlocked.Increment(ref _runs);

    internal void Return()
    {
        lock (_gate)
        {
            _leases--;
            EndIfUnused();
        }
    }

    private void EndIfUnused()
    {
        if (_closed && _leases == 0)
        {
            _session?.Dispose();
            _session = null;
        }
    }
}
