using Microsoft.ML;
using Microsoft.ML.Data;

namespace LiteVae;

/// <summary>The shape of the latents in a column, [nz, h, w], the same for every row.</summary>
internal readonly record struct LatentShape(int Channels, int Height, int Width)
{
    /// <summary>Values of a latent.</summary>
    public int Length => Channels * Height * Width;

    /// <summary>Whether a column can hold latents: a vector of 32-bit floats.</summary>
    public static bool Fits(bool isVector, DataViewType item) => isVector && item == NumberDataViewType.Single;

    /// <summary>The error for a column that cannot.</summary>
    public static ArgumentOutOfRangeException Misfit(string name, string type) =>
        new(nameof(name), name, $"The input column '{name}' is of type {type}; it must be a vector of Single, [nz, H / f, W / f] with the model's downsampling factor f.");

    /// <summary>The shape, from the options or from the column's type.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is no vector of floats.</exception>
    /// <exception cref="ArgumentException">The type and the options do not give a shape, or disagree.</exception>
    public static LatentShape Of(DataViewSchema.Column column, LiteVaeDecodeOptions options, LiteVaeConfig config)
    {
        if (column.Type is not VectorDataViewType type || !Fits(true, type.ItemType))
        {
            throw Misfit(column.Name, column.Type.ToString()!);
        }

        var factor = config.DownsamplingFactor;
        var dimensions = type.IsKnownSize && type.Dimensions.Length == 3 ? type.Dimensions : [];
        LatentShape shape;
        if (options is { Width: { } width, Height: { } height })
        {
            shape = new LatentShape(config.LatentChannels, height / factor, width / factor);
        }
        else if (dimensions is [_, var h, var w])
        {
            shape = new LatentShape(config.LatentChannels, h, w);
        }
        else
        {
            throw new ArgumentException(
                $"The input column '{column.Name}' is of type {type}, which does not tell the size of the images: set Width and Height of {nameof(LiteVaeDecodeOptions)}.");
        }

        var disagrees = type.IsKnownSize && (type.Size != shape.Length || dimensions is [_, var typeHeight, var typeWidth] && (typeHeight, typeWidth) != (shape.Height, shape.Width));
        return !disagrees
            ? shape
            : throw new ArgumentException(
                $"The input column '{column.Name}' is of type {type}; the model '{config.Name}' wants latents [{shape.Channels}, {shape.Height}, {shape.Width}]"
                + $" for images of {shape.Width * factor} x {shape.Height * factor}.");
    }
}
