using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace LiteVae;

/// <summary>The output column of a decoder.</summary>
internal static class DecodedColumn
{
    /// <summary>The column for images of a size.</summary>
    public static DataViewSchema.DetachedColumn Create(string name, DecodedOutput output, int width, int height) => new(
        name, output == DecodedOutput.Image ? new ImageDataViewType(height, width) : new VectorDataViewType(NumberDataViewType.Single, 3, height, width));

    /// <summary>The column for a shape, which says that vectors have a known size but not which.</summary>
    public static DataViewSchema.DetachedColumn CreateForShape(string name, DecodedOutput output) =>
        output == DecodedOutput.Image ? new DataViewSchema.DetachedColumn(name, new ImageDataViewType()) : Create(name, output, width: 1, height: 1);
}
