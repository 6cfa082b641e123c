using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace LiteVae;

/// <summary>The kinds of column that images are read from: ML.NET images, paths of files, the bytes of files.</summary>
internal static class ImageColumn
{
    private const string Wanted = "an image (MLImage), a text (the path of an image file) or a vector of bytes (an image file's content)";

    /// <summary>Finds the column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it holds something else.</exception>
    public static DataViewSchema.Column Find(DataViewSchema schema, string name)
    {
        var column = SchemaColumns.Find(schema, name);
        var item = column.Type is VectorDataViewType vector ? vector.ItemType : column.Type;
        Require(name, column.Type.ToString()!, isVector: column.Type is VectorDataViewType, item);
        return column;
    }

    /// <summary>Checks the column in a schema's shape.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it holds something else.</exception>
    public static void Require(SchemaShape schema, string name)
    {
        var column = SchemaShapes.Find(schema, name);
        Require(name, column.GetTypeString(), column.Kind != SchemaShape.Column.VectorKind.Scalar, column.ItemType);
    }

    /// <summary>
    /// Something that takes the current row's image, as something that decodes it later, on any thread: reading a row must be quick, decoding is not.
    /// It keeps nothing of the row's own value.
    /// </summary>
    /// <param name="input">The row.</param>
    /// <param name="column">Its column.</param>
    /// <param name="limits">What a file may cost.</param>
    public static Func<Func<RgbImage>> CreateReader(DataViewRow input, DataViewSchema.Column column, ImageLimits limits) => column.Type switch
    {
        ImageDataViewType => ImageReader(input, column),
        TextDataViewType => PathReader(input, column, limits),
        _ => BytesReader(input, column, limits),
    };

    private static void Require(string name, string type, bool isVector, DataViewType item)
    {
        if (isVector ? item != NumberDataViewType.Byte : item is not (ImageDataViewType or TextDataViewType))
        {
            throw new ArgumentOutOfRangeException(nameof(name), name, $"The input column '{name}' is of type {type}; it must be {Wanted}.");
        }
    }

    private static Func<Func<RgbImage>> ImageReader(DataViewRow input, DataViewSchema.Column column)
    {
        // The same variable for every row, and never disposed here: it belongs to the input, which may dispose it at the next row.
        var get = input.GetGetter<MLImage>(column);
        MLImage? image = null;
        return () =>
        {
            get(ref image!);
            var pixels = image is null ? throw Empty(column, "image") : MLImages.ToRgb(image);
            return () => pixels;
        };
    }

    private static Func<Func<RgbImage>> PathReader(DataViewRow input, DataViewSchema.Column column, ImageLimits limits)
    {
        var get = input.GetGetter<ReadOnlyMemory<char>>(column);
        ReadOnlyMemory<char> value = default;
        return () =>
        {
            get(ref value);
            var path = value.IsEmpty ? throw Empty(column, "path") : value.ToString();
            return () => ImageDecoder.Decode(path, limits);
        };
    }

    private static Func<Func<RgbImage>> BytesReader(DataViewRow input, DataViewSchema.Column column, ImageLimits limits)
    {
        var get = input.GetGetter<VBuffer<byte>>(column);
        VBuffer<byte> value = default;
        return () =>
        {
            get(ref value);
            var file = value.Length == 0 ? throw Empty(column, "bytes") : new byte[value.Length];
            value.CopyTo(file);
            return () => ImageDecoder.Decode(file, $"the column '{column.Name}'", limits);
        };
    }

    private static InvalidDataException Empty(DataViewSchema.Column column, string what) => new($"there is no {what} in the column '{column.Name}'.");
}
