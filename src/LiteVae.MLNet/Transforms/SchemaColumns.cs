using Microsoft.ML;

namespace LiteVae;

/// <summary>A schema with output columns appended: input columns keep their indices, also those that an output hides by having their name.</summary>
internal sealed class SchemaColumns
{
    public SchemaColumns(DataViewSchema input, IReadOnlyList<DataViewSchema.Column> needed, IReadOnlyList<DataViewSchema.DetachedColumn> added)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(input);
        builder.AddColumns(added);
        (Input, Output, NeededInputs) = (input, builder.ToSchema(), needed);
    }

    /// <summary>The schema before.</summary>
    public DataViewSchema Input { get; }

    /// <summary>The schema with the output columns behind.</summary>
    public DataViewSchema Output { get; }

    /// <summary>The input columns from which the outputs are computed.</summary>
    public IReadOnlyList<DataViewSchema.Column> NeededInputs { get; }

    /// <summary>Finds an input column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none of that name; the message lists those there are.</exception>
    public static DataViewSchema.Column Find(DataViewSchema schema, string name) =>
        schema.GetColumnOrNull(name) ?? throw Missing(name, schema.Where(column => !column.IsHidden).Select(column => column.Name));

    /// <summary>The error for a column that is not there.</summary>
    public static ArgumentOutOfRangeException Missing(string name, IEnumerable<string> found) =>
        new(nameof(name), name, $"There is no input column '{name}'. The columns are: {string.Join(", ", found)}.");

    /// <summary>Whether the column is one of the outputs.</summary>
    public bool IsAdded(DataViewSchema.Column column) => column.Index >= Input.Count;

    /// <summary>Which of the output schema's columns are asked for, by index.</summary>
    /// <exception cref="ArgumentException">A column belongs to another schema.</exception>
    public bool[] ActiveFlags(IEnumerable<DataViewSchema.Column> columns)
    {
        var active = new bool[Output.Count];
        foreach (var column in columns)
        {
            if (column.Index >= Output.Count || Output[column.Index].Name != column.Name)
            {
                throw new ArgumentException($"The column '{column.Name}' with index {column.Index} belongs to another schema.", nameof(columns));
            }

            active[column.Index] = true;
        }

        return active;
    }

    /// <summary>The input columns that must be active for these output columns.</summary>
    public IReadOnlyList<DataViewSchema.Column> Dependencies(bool[] active)
    {
        var computes = active.AsSpan(Input.Count).Contains(true);
        var needed = NeededInputs.Select(column => column.Index).ToHashSet();
        return [.. Input.Where(column => active[column.Index] || (computes && needed.Contains(column.Index)))];
    }
}
