using Microsoft.ML;
using Microsoft.ML.Data;

namespace LiteVae;

/// <summary>One row with a recipe's columns, computed at the first demand and kept until the input's position changes.</summary>
internal sealed class BatchingRow : DataViewRow
{
    private readonly DataViewRow _input;
    private readonly SchemaColumns _columns;
    private readonly bool[] _active;
    private readonly IBatchWorker? _worker;
    private readonly BatchRows? _rows;
    private readonly BatchingSettings _settings;
    private long? _fetchedPosition;
    private int _busy;

    /// <summary>Takes over the input row.</summary>
    public BatchingRow(DataViewRow input, BoundRecipe recipe, bool[] active, BatchingSettings settings)
    {
        (_input, _columns, _active, _settings) = (input, recipe.Columns, active, settings);
        if (active.AsSpan(recipe.Columns.Input.Count).Contains(true))
        {
            _worker = recipe.Open(input, 1, keepModel: false);
            _rows = new BatchRows(_worker, 1, settings);
        }
    }

    /// <inheritdoc/>
    public override long Position => _input.Position;

    /// <inheritdoc/>
    public override long Batch => _input.Batch;

    /// <inheritdoc/>
    public override DataViewSchema Schema => _columns.Output;

    /// <inheritdoc/>
    public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

    /// <inheritdoc/>
    public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();

    /// <inheritdoc/>
    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        GetterErrors.RequireActive(_active, column);
        if (!_columns.IsAdded(column))
        {
            return _input.GetGetter<TValue>(_columns.Input[column.Index]);
        }

        var get = _worker!.CreateGetter(column.Index - _columns.Input.Count, Demand) as ValueGetter<TValue>
            ?? throw GetterErrors.WrongType<TValue>(column);
        return (ref TValue value) =>
        {
            Enter();
            try
            {
                get(ref value);
            }
            finally
            {
                Volatile.Write(ref _busy, 0);
            }
        };
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _worker?.Dispose();
            _input.Dispose();
            if (_rows is not null)
            {
                _settings.ReportBadRows(_rows);
            }
        }

        base.Dispose(disposing);
    }

    private int Demand()
    {
        if (_fetchedPosition != _input.Position)
        {
            // From here to the values: whoever disposes the model meanwhile lets this prediction finish.
            using var model = _worker!.HoldModel();
            _fetchedPosition = null;
            _rows!.Clear();
            _rows.Fetch(_input.Position);
            _rows.Demand(0);
            _fetchedPosition = _input.Position;
        }

        return _rows!.Demand(0);
    }

    // Two threads in one PredictionEngine would overwrite each other's pixels; stock components corrupt memory there.
    private void Enter()
    {
        if (Interlocked.Exchange(ref _busy, 1) != 0)
        {
            throw new InvalidOperationException(
                "One row, or one PredictionEngine, is used by several threads at once. Give each thread its own engine, or use PredictionEnginePool: they share one model.");
        }
    }
}
