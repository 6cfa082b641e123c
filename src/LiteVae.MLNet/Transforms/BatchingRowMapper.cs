using Microsoft.ML;
using Microsoft.ML.Data;

namespace LiteVae;

/// <summary>A recipe as ML.NET's mapper of single rows, which PredictionEngine uses: batches of one.</summary>
/// <remarks>Thread-safe; the rows it makes are not.</remarks>
internal sealed class BatchingRowMapper(BoundRecipe recipe, BatchingSettings settings) : IRowToRowMapper
{
    /// <inheritdoc/>
    public DataViewSchema InputSchema => recipe.Columns.Input;

    /// <inheritdoc/>
    public DataViewSchema OutputSchema => recipe.Columns.Output;

    /// <inheritdoc/>
    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
        recipe.Columns.Dependencies(recipe.Columns.ActiveFlags(dependingColumns));

    /// <inheritdoc/>
    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) =>
        new BatchingRow(input, recipe, recipe.Columns.ActiveFlags(activeColumns), settings);
}
