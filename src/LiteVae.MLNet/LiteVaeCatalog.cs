using LiteVae;
using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>LiteVAE in ML.NET pipelines: images to latents, latents to images, images to reconstructions.</summary>
/// <remarks>
/// <code>
/// var pipeline = mlContext.Transforms.LiteVaeEncode("Latent", "Path", new LiteVaeEncodeOptions { Width = 256, Height = 256 })
///     .Append(mlContext.Transforms.LiteVaeDecode("Reconstruction", "Latent"));
/// </code>
/// </remarks>
public static class LiteVaeCatalog
{
    /// <summary>
    /// Sets the device on which LiteVAE components run in the pipelines that this context loads from now on, in place of the one they were saved with: a pipeline
    /// saved on a machine with a GPU runs on one without after <c>SetLiteVaeDevice("cpu")</c>.
    /// </summary>
    /// <param name="context">The context; call this before its <c>Model.Load</c>.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <exception cref="ArgumentException">The device is none of these.</exception>
    public static void SetLiteVaeDevice(this MLContext context, string device)
    {
        ArgumentNullException.ThrowIfNull(context);
        LoadedPipelineDevice.Set(context, DeviceSelection.Parse(device).ToString());
    }

    /// <summary>Appends a column of latents: the default model's posterior means, each image at its own size.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">Name of the new column, a vector of <see cref="float"/>.</param>
    /// <param name="inputColumnName">Name of the image column: MLImage, text (a path) or a vector of bytes (an image file).</param>
    /// <exception cref="DirectoryNotFoundException">The default model is not beside the program.</exception>
    public static LiteVaeEncodingEstimator LiteVaeEncode(this TransformsCatalog catalog, string outputColumnName, string inputColumnName) =>
        LiteVaeEncode(catalog, outputColumnName, inputColumnName, new LiteVaeEncodeOptions());

    /// <summary>Appends a column of latents.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">Name of the new column, a vector of <see cref="float"/>.</param>
    /// <param name="inputColumnName">Name of the image column: MLImage, text (a path) or a vector of bytes (an image file).</param>
    /// <param name="options">The model, the size, what the column holds.</param>
    /// <exception cref="ArgumentException">An option is wrong, or the size is none the model takes.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such model.</exception>
    /// <exception cref="InvalidDataException">The model's config is wrong.</exception>
    public static LiteVaeEncodingEstimator LiteVaeEncode(
        this TransformsCatalog catalog, string outputColumnName, string inputColumnName, LiteVaeEncodeOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new LiteVaeEncodingEstimator(CatalogUtils.GetEnvironment(catalog), outputColumnName, inputColumnName, options);
    }

    /// <summary>Appends a column of images that the default model decodes from latents of shape [nz, H / f, W / f], with its downsampling factor f (8).</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">Name of the new column, images of H x W. Dispose the images that you read from it.</param>
    /// <param name="inputColumnName">Name of the latent column, a vector of <see cref="float"/>.</param>
    /// <exception cref="DirectoryNotFoundException">The default model is not beside the program.</exception>
    public static LiteVaeDecodingEstimator LiteVaeDecode(this TransformsCatalog catalog, string outputColumnName, string inputColumnName) =>
        LiteVaeDecode(catalog, outputColumnName, inputColumnName, new LiteVaeDecodeOptions());

    /// <summary>Appends a column of images decoded from latents.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">Name of the new column, images of H x W. Dispose the images that you read from it.</param>
    /// <param name="inputColumnName">Name of the latent column, a vector of <see cref="float"/>.</param>
    /// <param name="options">The model, the size, whether the latents are scaled.</param>
    /// <exception cref="ArgumentException">An option is wrong, or the size is none the model makes.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such model.</exception>
    /// <exception cref="InvalidDataException">The model's config is wrong.</exception>
    public static LiteVaeDecodingEstimator LiteVaeDecode(
        this TransformsCatalog catalog, string outputColumnName, string inputColumnName, LiteVaeDecodeOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new LiteVaeDecodingEstimator(CatalogUtils.GetEnvironment(catalog), outputColumnName, inputColumnName, options);
    }

    /// <summary>Appends a column of what the default model makes of each image, at the image's own size.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">Name of the new column of images. Dispose the images that you read from it.</param>
    /// <param name="inputColumnName">Name of the image column: MLImage, text (a path) or a vector of bytes (an image file).</param>
    /// <exception cref="DirectoryNotFoundException">The default model is not beside the program.</exception>
    public static LiteVaeReconstructingEstimator LiteVaeReconstruct(this TransformsCatalog catalog, string outputColumnName, string inputColumnName) =>
        LiteVaeReconstruct(catalog, outputColumnName, inputColumnName, new LiteVaeReconstructOptions());

    /// <summary>Appends a column of what a model makes of each image, and columns of PSNR and SSIM where asked for.</summary>
    /// <param name="catalog">The transforms catalog.</param>
    /// <param name="outputColumnName">Name of the new column of images. Dispose the images that you read from it.</param>
    /// <param name="inputColumnName">Name of the image column: MLImage, text (a path) or a vector of bytes (an image file).</param>
    /// <param name="options">The model, the size, the names of further columns.</param>
    /// <exception cref="ArgumentException">An option is wrong.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such model.</exception>
    /// <exception cref="InvalidDataException">The model's config is wrong.</exception>
    public static LiteVaeReconstructingEstimator LiteVaeReconstruct(
        this TransformsCatalog catalog, string outputColumnName, string inputColumnName, LiteVaeReconstructOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new LiteVaeReconstructingEstimator(CatalogUtils.GetEnvironment(catalog), outputColumnName, inputColumnName, options);
    }
}
