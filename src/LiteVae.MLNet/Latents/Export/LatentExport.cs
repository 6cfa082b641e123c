namespace LiteVae;

/// <summary>Writes the latents of a store in the layouts of other programs. The same store and options give the same bytes.</summary>
public static class LatentExport
{
    /// <summary>Exports all images.</summary>
    /// <param name="store">The store.</param>
    /// <param name="folder">A folder that does not exist yet or is empty.</param>
    /// <param name="format">The layout.</param>
    /// <param name="options">What the latents are to be; null for the means, unscaled.</param>
    /// <param name="progress">Told how many images are done.</param>
    /// <param name="cancellation">Stops between two images; what is written by then stays, incomplete.</param>
    /// <exception cref="InvalidOperationException">The layout needs something that the store does not have, or cannot hold it; nothing is written then.</exception>
    /// <exception cref="IOException">The folder is not empty, or cannot be written.</exception>
    /// <exception cref="InvalidDataException">A file of the store is damaged.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Run(
        LatentStore store, string folder, LatentExportFormat format, LatentExportOptions? options = null, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new IOException($"{folder} is not empty: name a new folder, so that files of two exports do not mix.");
        }

        var images = new ExportedImages(store, options ?? new LatentExportOptions());
        Action<StoreShard, Action> write = format switch
        {
            LatentExportFormat.LightningDit => new LightningDitExport(store, images, folder).Write,
            LatentExportFormat.WebDataset => new WebDatasetExport(images, folder).Write,
            LatentExportFormat.Npy => new NpyExport(images, folder).Write,
            LatentExportFormat.Kohya => new KohyaExport(store, images, folder).Write,
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, $"Use {string.Join(", ", Enum.GetNames<LatentExportFormat>())}."),
        };
        Directory.CreateDirectory(folder);
        var done = 0L;
        foreach (var shard in store.Index.Shards)
        {
            write(shard, Next);
        }

        void Next()
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(++done);
        }
    }
}
