using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace LiteVae;

/// <summary>What an output column of a reconstruction holds.</summary>
internal enum ReconstructedValue
{
    Image,
    Psnr,
    Ssim,
}

/// <summary>The output columns of a reconstruction.</summary>
internal static class ReconstructedColumns
{
    /// <summary>The columns that these options make, the image first.</summary>
    public static IReadOnlyList<(DataViewSchema.DetachedColumn Column, ReconstructedValue Value)> Create(string name, LiteVaeReconstructOptions options)
    {
        var type = options is { Width: { } width, Height: { } height } ? new ImageDataViewType(height, width) : new ImageDataViewType();
        var columns = new List<(DataViewSchema.DetachedColumn, ReconstructedValue)> { (new(name, type), ReconstructedValue.Image) };
        if (options.PsnrColumn is { } psnr)
        {
            columns.Add((new(psnr, NumberDataViewType.Single), ReconstructedValue.Psnr));
        }

        if (options.SsimColumn is { } ssim)
        {
            columns.Add((new(ssim, NumberDataViewType.Single), ReconstructedValue.Ssim));
        }

        return columns;
    }
}
