using Microsoft.ML;
using Microsoft.ML.Data;

namespace LiteVae;

/// <summary>
/// An input row whose images are read once for each row, however many readers ask: ML.NET's LoadImages opens and decodes the file at every question.
/// The images still belong to the input. Does not own the row; not thread-safe.
/// </summary>
internal sealed class OnceReadImages(DataViewRow input) : DataViewRow
{
    private readonly Dictionary<int, ValueGetter<MLImage>> _images = [];

    /// <inheritdoc/>
    public override DataViewSchema Schema => input.Schema;

    /// <inheritdoc/>
    public override long Position => input.Position;

    /// <inheritdoc/>
    public override long Batch => input.Batch;

    /// <inheritdoc/>
    public override bool IsColumnActive(DataViewSchema.Column column) => input.IsColumnActive(column);

    /// <inheritdoc/>
    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    /// <inheritdoc/>
    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (typeof(TValue) != typeof(MLImage))
        {
            return input.GetGetter<TValue>(column);
        }

        if (!_images.TryGetValue(column.Index, out var getter))
        {
            _images[column.Index] = getter = Once(input.GetGetter<MLImage>(column));
        }

        return (ValueGetter<TValue>)(object)getter;
    }

    private ValueGetter<MLImage> Once(ValueGetter<MLImage> get)
    {
        // The same variable for every row: the input may dispose what it finds there.
        MLImage image = null!;
        long? position = null;
        return (ref MLImage value) =>
        {
            if (position != input.Position)
            {
                position = null;
                get(ref image);
                position = input.Position;
            }

            value = image;
        };
    }
}
