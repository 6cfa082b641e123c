using System.Runtime.ExceptionServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace LiteVae;

/// <summary>
/// The values of one input column for the rows read ahead. A value that could not be read is thrown at the demand for it, as if nothing had been
/// read ahead. Bound to one cursor; not thread-safe.
/// </summary>
internal abstract class PassThroughColumn(int capacity)
{
    private readonly ExceptionDispatchInfo?[] _errors = new ExceptionDispatchInfo?[capacity];

    /// <summary>Makes the column's buffer.</summary>
    public static PassThroughColumn Create(DataViewRow input, DataViewSchema.Column column, int capacity)
    {
        var raw = column.Type.RawType;
        if (raw == typeof(MLImage))
        {
            return new ImageBuffer(input.GetGetter<MLImage>(column), capacity);
        }

        var isVector = raw.IsGenericType && raw.GetGenericTypeDefinition() == typeof(VBuffer<>);
        var buffer = isVector ? typeof(VectorBuffer<>).MakeGenericType(raw.GetGenericArguments()) : typeof(ValueBuffer<>).MakeGenericType(raw);
        return (PassThroughColumn)Activator.CreateInstance(buffer, input, column, capacity)!;
    }

    /// <summary>Copies the value of the current input row. A failure is remembered and not thrown.</summary>
    public void Fetch(int slot)
    {
        _errors[slot] = null;
        try
        {
            Copy(slot);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _errors[slot] = ExceptionDispatchInfo.Capture(e);
        }
    }

    /// <summary>A <c>ValueGetter</c> that delivers the row in the slot given.</summary>
    public Delegate CreateGetter(Func<int> slot) => CreateValueGetter(() =>
    {
        var demanded = slot();
        _errors[demanded]?.Throw();
        return demanded;
    });

    private protected abstract void Copy(int slot);

    private protected abstract Delegate CreateValueGetter(Func<int> slot);

    private sealed class ValueBuffer<T>(DataViewRow input, DataViewSchema.Column column, int capacity) : PassThroughColumn(capacity)
    {
        private readonly ValueGetter<T> _get = input.GetGetter<T>(column);
        private readonly T[] _values = new T[capacity];

        private protected override void Copy(int slot) => _get(ref _values[slot]);

        private protected override Delegate CreateValueGetter(Func<int> slot) => (ValueGetter<T>)((ref T value) => value = _values[slot()]);
    }

    private sealed class VectorBuffer<T>(DataViewRow input, DataViewSchema.Column column, int capacity) : PassThroughColumn(capacity)
    {
        private readonly ValueGetter<VBuffer<T>> _get = input.GetGetter<VBuffer<T>>(column);
        private readonly VBuffer<T>[] _values = new VBuffer<T>[capacity];

        private protected override void Copy(int slot) => _get(ref _values[slot]);

        private protected override Delegate CreateValueGetter(Func<int> slot) =>
            (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => _values[slot()].CopyTo(ref value));
    }

    /// <summary>
    /// Pixels, not references: LoadImages disposes a row's image when the next row is read, and ResizeImages hands out images that are not its own.
    /// </summary>
    private sealed class ImageBuffer(ValueGetter<MLImage> get, int capacity) : PassThroughColumn(capacity)
    {
        private readonly (int Width, int Height, MLPixelFormat Format, byte[] Pixels, string Tag)?[] _values =
            new (int, int, MLPixelFormat, byte[], string)?[capacity];

        private MLImage? _image;

        private protected override void Copy(int slot)
        {
            get(ref _image!);
            _values[slot] = _image is null ? null : (_image.Width, _image.Height, _image.PixelFormat, _image.Pixels.ToArray(), _image.Tag);
        }

        private protected override Delegate CreateValueGetter(Func<int> slot) => (ValueGetter<MLImage>)((ref MLImage value) =>
        {
            value = null!;
            if (_values[slot()] is { } image)
            {
                value = MLImage.CreateFromPixels(image.Width, image.Height, image.Format, image.Pixels);
                value.Tag = image.Tag;
            }
        });
    }
}
