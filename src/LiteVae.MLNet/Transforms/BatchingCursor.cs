using System.Runtime.ExceptionServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace LiteVae;

/// <summary>
/// Reads rows ahead from one input cursor, so that the model runs once a batch: at the first demand for an output, never for a batch
/// that nobody asks about. Rows come in the order of the input, with its ids and batch numbers.
/// </summary>
internal sealed class BatchingCursor : DataViewRowCursor
{
    private readonly DataViewRowCursor _input;
    private readonly SchemaColumns _columns;
    private readonly bool[] _active;
    private readonly PassThroughColumn?[] _passThrough;
    private readonly IBatchWorker _worker;
    private readonly BatchRows _rows;
    private readonly BatchingSettings _settings;
    private readonly ValueGetter<DataViewRowId> _inputId;
    private readonly DataViewRowId[] _ids;
    private readonly long[] _batches;
    private int _count;
    private int _slot = -1;
    private long _position = -1;
    private bool _inputEnded;
    private ExceptionDispatchInfo? _inputError;
    private bool _disposed;

    /// <summary>Takes over the input cursor, and the worker. Values are read from the row, which is the cursor's.</summary>
    public BatchingCursor(DataViewRowCursor input, DataViewRow row, SchemaColumns columns, bool[] active, IBatchWorker worker, BatchingSettings settings)
    {
        (_input, _columns, _active, _worker, _settings) = (input, columns, active, worker, settings);
        var capacity = settings.BatchSize;
        _rows = new BatchRows(worker, capacity, settings);
        _passThrough = [.. columns.Input.Select(column => active[column.Index] ? PassThroughColumn.Create(row, column, capacity) : null)];
        _inputId = input.GetIdGetter();
        _ids = new DataViewRowId[capacity];
        _batches = new long[capacity];
    }

    /// <inheritdoc/>
    public override long Position => IsOnRow ? _position : -1;

    /// <inheritdoc/>
    public override long Batch => IsOnRow ? _batches[_slot] : 0;

    /// <inheritdoc/>
    public override DataViewSchema Schema => _columns.Output;

    private bool IsOnRow => _slot >= 0 && _slot < _count && !_disposed;

    /// <inheritdoc/>
    public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

    /// <inheritdoc/>
    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = _ids[CurrentSlot()];

    /// <inheritdoc/>
    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        GetterErrors.RequireActive(_active, column);
        var getter = _columns.IsAdded(column)
            ? _worker.CreateGetter(column.Index - _columns.Input.Count, () => _rows.Demand(CurrentSlot()))
            : _passThrough[column.Index]!.CreateGetter(CurrentSlot);
        return getter as ValueGetter<TValue> ?? throw GetterErrors.WrongType<TValue>(column);
    }

    /// <inheritdoc/>
    public override bool MoveNext()
    {
        if (_disposed)
        {
            return false;
        }

        _slot++;
        if (_slot == _count)
        {
            ReadAhead();
            _slot = 0;
        }

        if (_slot < _count)
        {
            _position++;
            return true;
        }

        // Rows read before the input failed have been delivered; the failure comes in the place where it happened.
        _inputError?.Throw();

        // ML.NET's shuffling never disposes its input cursor, so the end of the rows has to do.
        Dispose();
        return false;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!_disposed && disposing)
        {
            _disposed = true;
            _rows.Dispose();
            _input.Dispose();
            _settings.ReportBadRows(_rows);
        }

        base.Dispose(disposing);
    }

    private void ReadAhead()
    {
        _count = 0;
        _rows.Clear();
        while (_count < _settings.BatchSize && !_inputEnded && _inputError is null)
        {
            try
            {
                _settings.ThrowIfCancelled();
                _inputEnded = !_input.MoveNext();
                if (!_inputEnded)
                {
                    CopyRow();
                }
            }
            catch (Exception e)
            {
                // Whoever asks again gets it again: false would look like the end of the rows. A cancellation does not wait for the rows before it.
                _inputError = ExceptionDispatchInfo.Capture(e);
                _count = e is OperationCanceledException ? 0 : _count;
            }
        }
    }

    private void CopyRow()
    {
        _inputId(ref _ids[_count]);
        _batches[_count] = _input.Batch;
        foreach (var column in _passThrough)
        {
            column?.Fetch(_count);
        }

        _rows.Fetch(_input.Position);
        _count++;
    }

    private int CurrentSlot() =>
        IsOnRow ? _slot : throw new InvalidOperationException("The cursor is not on a row: call MoveNext first, and nothing after it returned false.");
}
