using Microsoft.ML;
using Microsoft.ML.Data;

namespace LiteVae;

/// <summary>The cursor when none of our outputs is asked for: the input's, under our schema. Nothing is buffered and no model is loaded.</summary>
internal sealed class PassThroughCursor(DataViewRowCursor input, SchemaColumns columns, bool[] active) : DataViewRowCursor
{
    /// <inheritdoc/>
    public override long Position => input.Position;

    /// <inheritdoc/>
    public override long Batch => input.Batch;

    /// <inheritdoc/>
    public override DataViewSchema Schema => columns.Output;

    /// <inheritdoc/>
    public override bool MoveNext() => input.MoveNext();

    /// <inheritdoc/>
    public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

    /// <inheritdoc/>
    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    /// <inheritdoc/>
    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        GetterErrors.RequireActive(active, column);
        return input.GetGetter<TValue>(columns.Input[column.Index]);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            input.Dispose();
        }

        base.Dispose(disposing);
    }
}
