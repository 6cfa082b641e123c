using Microsoft.ML;

namespace LiteVae;

/// <summary>The images of one batch, and their grouping into tensors: rows that have the same size after padding go through the model together.</summary>
internal sealed class ImageBatch(DataViewRow input, DataViewSchema.Column column, ImageSizing sizing, int factor, int capacity)
{
    // At native size a batch of large photos would take gigabytes; at a size that the user chose, the batch size is theirs to choose too.
    private const long NativePixelsPerRun = 4 << 20;

    private readonly Func<Func<RgbImage>> _read = ImageColumn.CreateReader(input, column, new ImageLimits { MaxPixels = sizing.MaxPixels });
    private readonly Func<RgbImage>?[] _undecoded = new Func<RgbImage>?[capacity];
    private readonly RgbImage?[] _images = new RgbImage?[capacity];
    private PixelTensor? _tensor;

    /// <summary>The image in a slot, as it entered the model but without padding.</summary>
    public RgbImage this[int slot] => _images[slot]!;

    /// <summary>Takes the current row's image.</summary>
    public void Fetch(int slot)
    {
        (_images[slot], _undecoded[slot]) = (null, null);
        _undecoded[slot] = _read();
    }

    /// <summary>Decodes the image and brings it to its size.</summary>
    public void Prepare(int slot)
    {
        var image = _undecoded[slot]!();
        _images[slot] = !sizing.IsTooLarge(image)
            ? sizing.Fit(image)
            : throw new InvalidDataException(
                $"the image in the column '{column.Name}' has {image.Width} x {image.Height} = {(long)image.Width * image.Height} pixels;"
                + $" the limit is {sizing.MaxPixels}. {(sizing.IsNative ? "Set Width and Height, or TileSize, or raise MaxPixels" : "Raise MaxPixels")}.");
        _undecoded[slot] = null;
    }

    /// <summary>The slots whose images go through the model together.</summary>
    public IEnumerable<IReadOnlyList<int>> Groups(IReadOnlyList<int> slots)
    {
        foreach (var group in slots.GroupBy(PaddedSize))
        {
            var (width, height) = group.Key;
            var most = sizing.IsNative ? (int)Math.Clamp(NativePixelsPerRun / ((long)width * height), 1, capacity) : capacity;
            foreach (var chunk in group.Chunk(most))
            {
                yield return chunk;
            }
        }
    }

    /// <summary>The padded images of a group, valid until the next are asked for.</summary>
    public PixelTensor Tensor(IReadOnlyList<int> group)
    {
        var (width, height) = PaddedSize(group[0]);
        if (_tensor is null || (_tensor.Count, _tensor.Height, _tensor.Width) != (group.Count, height, width))
        {
            _tensor = new PixelTensor(group.Count, height, width);
        }

        for (var i = 0; i < group.Count; i++)
        {
            _tensor.Set(i, this[group[i]]);
        }

        return _tensor;
    }

    /// <summary>Lets go of a group's images, where nobody asks for them again.</summary>
    public void Release(IReadOnlyList<int> group)
    {
        foreach (var slot in group)
        {
            _images[slot] = null;
        }
    }

    private (int Width, int Height) PaddedSize(int slot) =>
        (PixelTensor.RoundUp(this[slot].Width, factor), PixelTensor.RoundUp(this[slot].Height, factor));
}
