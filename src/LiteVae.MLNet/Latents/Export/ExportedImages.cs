using System.Globalization;

namespace LiteVae;

/// <summary>The images of a store as exports write them.</summary>
internal sealed class ExportedImages(LatentStore store, LatentExportOptions options)
{
    /// <summary>The images of a shard.</summary>
    public IEnumerable<ExportedImage> Of(StoreShard shard)
    {
        for (var row = 0; row < shard.Entry.Rows; row++)
        {
            var image = shard.First + row;
            yield return new ExportedImage(image, store.RowOf(image), shard.Entry.Size, Latent(image, false), store.HasFlipped ? Latent(image, true) : null);
        }
    }

    /// <summary>[nz, h, w] of a shard's images.</summary>
    public int[] Shape(StoreShard shard) => [store.Config.LatentChannels, (int)shard.Entry.Shape[2], (int)shard.Entry.Shape[3]];

    private float[] Latent(long image, bool flipped)
    {
        var posterior = store.Read(image, flipped);
        var latent = options.SampleSeed is { } seed ? posterior.Sample(0, seed, (UInt128)image) : posterior.Mean(0).ToArray();
        if (options.Scaled)
        {
            store.Scaling.ToScaled(latent, latent);
        }

        return latent;
    }
}

/// <summary>An image to be exported.</summary>
/// <param name="Number">Its number in the store.</param>
/// <param name="Row">What is known of it.</param>
/// <param name="Size">The size that it was brought to.</param>
/// <param name="Latent">[nz, h, w].</param>
/// <param name="Flipped">[nz, h, w] of the mirrored image; null where the store has none.</param>
internal sealed record ExportedImage(long Number, LatentRow Row, ImageSize Size, float[] Latent, float[]? Flipped)
{
    /// <summary>A file name that every file system and every reader takes: keys may hold anything.</summary>
    public string Name => Number.ToString("D10", CultureInfo.InvariantCulture);
}
