using Microsoft.ML;
using Microsoft.ML.Data;

namespace LiteVae.Benchmarks;

/// <summary>Columns of vectors: read, and compared.</summary>
internal static class Vectors
{
    /// <summary>Two ways to the same moments, which are below 100 in size, differ by what the order of sums makes; a wrong pixel makes 1e-2 and more.</summary>
    private const float Tolerance = 1e-4f;

    /// <summary>Reads a column as who keeps nothing does: one variable for all rows.</summary>
    /// <exception cref="InvalidDataException">There are not as many rows as expected.</exception>
    public static void Read(IDataView view, string column, int expectedRows)
    {
        using var cursor = view.GetRowCursor([view.Schema[column]]);
        var get = cursor.GetGetter<VBuffer<float>>(view.Schema[column]);
        VBuffer<float> value = default;
        var rows = 0;
        for (; cursor.MoveNext(); rows++)
        {
            get(ref value);
        }

        if (rows != expectedRows)
        {
            throw new InvalidDataException($"The column '{column}' has {rows} rows; {expectedRows} were expected.");
        }
    }

    /// <summary>All values of a column, row after row.</summary>
    public static float[] All(IDataView view, string column) => [.. view.GetColumn<float[]>(column).SelectMany(row => row)];

    /// <summary>Refuses to time what does not do the same.</summary>
    /// <exception cref="InvalidDataException">The values differ.</exception>
    public static void RequireEqual(float[] one, float[] other)
    {
        var difference = one.Length == other.Length ? one.Zip(other, (a, b) => Math.Abs(a - b)).Max() : float.NaN;
        if (!(difference <= Tolerance))
        {
            throw new InvalidDataException($"The two ways differ by {difference} in {one.Length} and {other.Length} values; at most {Tolerance} is the same result.");
        }
    }
}
