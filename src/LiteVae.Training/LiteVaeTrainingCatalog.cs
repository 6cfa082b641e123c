using LiteVae.Training;

namespace Microsoft.ML;

/// <summary>Where <c>mlContext.LiteVae()</c> comes from.</summary>
public static class LiteVaeTrainingExtensions
{
    /// <summary>What LiteVAE can learn from an IDataView.</summary>
    /// <param name="context">The context.</param>
    public static LiteVaeTrainingCatalog LiteVae(this MLContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new LiteVaeTrainingCatalog(context);
    }
}

/// <summary>What LiteVAE can learn from an IDataView: an autoencoder of one's own.</summary>
public sealed class LiteVaeTrainingCatalog
{
    private readonly MLContext _context;

    internal LiteVaeTrainingCatalog(MLContext context) => _context = context;

    /// <summary>An autoencoder trained on a column of images, and the column of latents that it makes of them.</summary>
    /// <param name="outputColumnName">Name of the new column, a vector of <see cref="float"/>.</param>
    /// <param name="inputColumnName">Name of the image column: MLImage, text (a path) or a vector of bytes (an image file).</param>
    /// <param name="options">The run folder, how to train, and what the column of latents is to hold.</param>
    /// <exception cref="ArgumentException">Options are wrong; the message names all of them.</exception>
    public LiteVaeTrainingEstimator Train(string outputColumnName, string inputColumnName, LiteVaeTrainOptions options) =>
        new(_context, outputColumnName, inputColumnName, options);
}
