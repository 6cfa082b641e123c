using Microsoft.ML;

namespace LiteVae;

/// <summary>The errors of asking a row for the wrong getter; the same for cursors and rows.</summary>
internal static class GetterErrors
{
    /// <summary>Refuses a column that was not asked for when the row was opened.</summary>
    public static void RequireActive(bool[] active, DataViewSchema.Column column)
    {
        if (column.Index >= active.Length || !active[column.Index])
        {
            throw new InvalidOperationException($"The column '{column.Name}' is not active here: name it when the cursor is opened.");
        }
    }

    /// <summary>The error for a getter of another type than the column's.</summary>
    public static InvalidOperationException WrongType<TValue>(DataViewSchema.Column column) =>
        new($"The column '{column.Name}' has values of type {column.Type.RawType}, not {typeof(TValue)}.");
}
