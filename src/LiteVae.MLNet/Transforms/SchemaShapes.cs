using Microsoft.ML;

namespace LiteVae;

/// <summary>Schema propagation: what a schema will look like, before there is data.</summary>
internal static class SchemaShapes
{
    /// <summary>Finds a column of a shape.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none of that name; the message lists those there are.</exception>
    public static SchemaShape.Column Find(SchemaShape shape, string name) =>
        shape.TryFindColumn(name, out var column) ? column : throw SchemaColumns.Missing(name, shape.Select(c => c.Name));

    /// <summary>The shape with columns appended; one of the same name is replaced.</summary>
    public static SchemaShape Append(SchemaShape shape, IReadOnlyList<DataViewSchema.DetachedColumn> added)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(added);
        var names = added.Select(column => column.Name).ToHashSet();
        return new SchemaShape(shape.Where(column => !names.Contains(column.Name)).Concat(SchemaShape.Create(builder.ToSchema())));
    }
}
