using Microsoft.ML;

namespace LiteVae;

/// <summary>A data view with a recipe's columns appended, computed batch by batch while it is read.</summary>
internal sealed class BatchingDataView(IDataView source, BoundRecipe recipe, BatchingSettings settings) : IDataView
{
    /// <inheritdoc/>
    public bool CanShuffle => source.CanShuffle;

    /// <inheritdoc/>
    public DataViewSchema Schema => recipe.Columns.Output;

    /// <inheritdoc/>
    public long? GetRowCount() => source.GetRowCount();

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var active = recipe.Columns.ActiveFlags(columnsNeeded);
        return Wrap(source.GetRowCursor(recipe.Columns.Dependencies(active), rand), active);
    }

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        var active = recipe.Columns.ActiveFlags(columnsNeeded);
        var inputs = source.GetRowCursorSet(recipe.Columns.Dependencies(active), n, rand);
        var cursors = new List<DataViewRowCursor>(inputs.Length);
        try
        {
            foreach (var input in inputs)
            {
                cursors.Add(Wrap(input, active));
            }

            return [.. cursors];
        }
        catch
        {
            foreach (var cursor in cursors.Concat(inputs.Skip(cursors.Count)))
            {
                cursor.Dispose();
            }

            throw;
        }
    }

    private DataViewRowCursor Wrap(DataViewRowCursor input, bool[] active)
    {
        if (!active.AsSpan(recipe.Columns.Input.Count).Contains(true))
        {
            return new PassThroughCursor(input, recipe.Columns, active);
        }

        IBatchWorker? worker = null;
        try
        {
            var row = new OnceReadImages(input);
            worker = recipe.Open(row, settings.BatchSize, keepModel: true);
            return new BatchingCursor(input, row, recipe.Columns, active, worker, settings);
        }
        catch
        {
            worker?.Dispose();
            input.Dispose();
            throw;
        }
    }
}
