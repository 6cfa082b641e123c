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

    /// <summary>The column where the size is not known before there is data.</summary>
    public static DataViewSchema.DetachedColumn Create(string name, DecodedOutput output) =>
        new(name, output == DecodedOutput.Image ? new ImageDataViewType() : new VectorDataViewType(NumberDataViewType.Single, 3, 0, 0));
}
