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

    /// <summary>
    /// The latents of a store as rows: <c>Latent</c>, a vector of <see cref="float"/>, of known size where the store has images of one size; <c>Key</c>, <c>Source</c>, <c>Label</c> and
    /// <c>Caption</c>, texts. Rows are read from the files as they are asked for; those of columns that are not used are not read.
    /// </summary>
    /// <param name="catalog">The data catalog.</param>
    /// <param name="folder">The store, as <c>litevae encode</c> made it.</param>
    /// <param name="options">What the latents are to be; null for the posterior means, unscaled.</param>
    /// <returns>The rows. ML.NET disposes no data: the files that they are read from are closed when the garbage collector finds nobody using them.</returns>
    /// <exception cref="ArgumentException">An option is wrong.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidOperationException">The store is not complete, not what was expected, or has no mirrored images.</exception>
    /// <exception cref="InvalidDataException">A file is broken.</exception>
    public static IDataView LoadLatents(this DataOperationsCatalog catalog, string folder, LiteVaeLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        options ??= new LiteVaeLoadOptions();
        options.Validate();
        var store = LatentStore.Open(folder, options.Store);
        if (options.Flipped && !store.HasFlipped)
        {
            store.Dispose();
            throw new InvalidOperationException($"{folder}: the store has no moments of mirrored images: encode with --flip.");
        }

        return catalog.LoadFromEnumerable(Rows(store, options), StoredLatent.Schema(store, options));

        static IEnumerable<StoredLatent> Rows(LatentStore store, LiteVaeLoadOptions options)
        {
            for (var image = 0L; image < store.Count; image++)
            {
                yield return new StoredLatent(store, image, options);
            }
        }
    }

    /// <summary>
    /// Encodes the images of a data view into a latent store, as <c>litevae encode</c> does those of folders: moments, resumable, each file written whole or not at all.
    /// </summary>
    /// <param name="catalog">The data catalog.</param>
    /// <param name="data">
    /// The rows, which must be the same at every reading: keys, labels and captions are read twice, images once. Files of a column of paths or bytes are decoded on all cores; what makes a column of
    /// MLImage is run on one.
    /// </param>
    /// <param name="folder">The store's folder; a store that the same rows and options have begun is continued.</param>
    /// <param name="options">Which columns, sizes and model; null for the images of the column <c>Image</c> at 256 x 256 through the default model.</param>
    /// <param name="progress">Hears how far it is and of each failure; called on threads of the job, and waited for.</param>
    /// <param name="cancellation">Ends the work: complete parts are kept.</param>
    /// <returns>What was done; rows that failed are in the store's <c>failures.parquet</c> with the reason.</returns>
    /// <exception cref="ArgumentException">An option is wrong, a column is missing or of a type that cannot be used, or the model does not take a size.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such model.</exception>
    /// <exception cref="EncodingException">A row failed, and the work is to stop then.</exception>
    /// <exception cref="InvalidDataException">There are no rows, they have changed, the store was begun by another job, or the store or the model is broken.</exception>
    /// <exception cref="InvalidOperationException">The model cannot run.</exception>
    /// <exception cref="IOException">The store cannot be written; what is complete is kept, and the same call goes on from there.</exception>
    /// <exception cref="OperationCanceledException">The cancellation was asked for.</exception>
    public static EncodeResult SaveLatents(
        this DataOperationsCatalog catalog, IDataView data, string folder, LiteVaeSaveOptions? options = null, IProgress<EncodeProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new LiteVaeSaveOptions();
        options.Validate();
        return new SavingJob(data, folder, options).Run(progress, cancellation);
    }
}
