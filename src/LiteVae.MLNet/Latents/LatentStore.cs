namespace LiteVae;

/// <summary>A finished latent store, read by memory map: any image at any time, or all of them in a shuffled order.</summary>
/// <remarks>
/// Images are numbered from 0 in the order of parts, sizes and keys; the numbers stay the same as long as no failed image is encoded after all. Thread-safe. At most 256 files are open at a time.
/// </remarks>
public sealed class LatentStore : IDisposable
{
    private readonly StoreIndex _index;
    private readonly OpenShards _open;

    private LatentStore(StoreIndex index, bool checkHashes) => (_index, _open, Scaling) = (index, new OpenShards(index, checkHashes), LatentScaling.From(index.Dataset.Settings.Config));

    /// <summary>Opens a store.</summary>
    /// <param name="folder">The folder, as <c>litevae encode</c> made it.</param>
    /// <param name="options">What is expected of it; null for the defaults.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidOperationException">The store is not complete; or it is not what was expected: the message names both.</exception>
    /// <exception cref="InvalidDataException">A file is broken, of a newer version, or not the one that belongs there.</exception>
    public static LatentStore Open(string folder, LatentStoreOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new LatentStoreOptions();
        var index = StoreIndex.Read(folder);
        var settings = index.Dataset.Settings;
        if (options.EncoderSha256 is { } encoder && encoder != settings.EncoderSha256)
        {
            throw new InvalidOperationException(
                $"{folder}: the store was made by the encoder {settings.EncoderSha256} ({FaultText.Printable(settings.Model)}); {FaultText.Printable(encoder)} was expected. Latents of different encoders must not be mixed.");
        }

        if (options.ImageSize is { } size && !settings.Sizes.SequenceEqual([size]))
        {
            throw new InvalidOperationException($"{folder}: the store's images were brought to {string.Join(", ", settings.Sizes)}; {size} was expected.");
        }

        return new LatentStore(index, options.CheckHashes);
    }

    /// <summary>The folder, as a full path.</summary>
    public string Folder => _index.Paths.Root;

    /// <summary>Images.</summary>
    public long Count => _index.Count;

    /// <summary>Sources that could not be encoded; <c>failures.parquet</c> lists them.</summary>
    public long Failed => _index.Dataset.Failed;

    /// <summary>SHA-256 of the encoder's ONNX file.</summary>
    public string EncoderSha256 => _index.Dataset.Settings.EncoderSha256;

    /// <summary>The config of the model that made the store.</summary>
    public LiteVaeConfig Config => _index.Dataset.Settings.Config;

    /// <summary>The model's scaling, which is not applied to what is read here.</summary>
    public LatentScaling Scaling { get; }

    /// <summary>Whether there are moments of the mirrored images too.</summary>
    public bool HasFlipped => _index.Dataset.Settings.Flip;

    /// <summary>The sizes in pixels to which images were brought.</summary>
    public IReadOnlyList<ImageSize> ImageSizes => _index.Dataset.Settings.Sizes;

    internal StoreIndex Index => _index;

    /// <summary>Tables of rows read so far.</summary>
    internal int TablesRead => _open.TablesRead;

    /// <summary>The size in pixels to which an image was brought; its latent is [nz, H / f, W / f] with the model's downsampling factor f.</summary>
    /// <param name="image">The image, 0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    public ImageSize SizeOf(long image) => _index.Find(image).Shard.Entry.Size;

    /// <summary>What is known of an image: key, source, crop, label, caption.</summary>
    /// <param name="image">The image, 0 to <see cref="Count"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public LatentRow RowOf(long image)
    {
        var (shard, row) = _index.Find(image);
        return _open.RowsOf(shard)[row];
    }

    /// <summary>The posterior of an image, [1, 2 nz, h, w]: its mean, or a sample, is the latent.</summary>
    /// <param name="image">The image, 0 to <see cref="Count"/> - 1.</param>
    /// <param name="flipped">Whether that of the mirrored image.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    /// <exception cref="InvalidOperationException">The store has none of mirrored images.</exception>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public Posterior Read(long image, bool flipped = false)
    {
        var (shard, row) = _index.Find(image);
        return _open.Use(shard, file =>
        {
            var moments = new float[file.MomentsLength];
            if (flipped)
            {
                file.ReadFlippedMoments(row, moments);
            }
            else
            {
                file.ReadMoments(row, moments);
            }

            return new Posterior(1, file.Channels / 2, file.Height, file.Width, moments);
        });
    }

    /// <summary>All rows of a shard.</summary>
    /// <exception cref="InvalidDataException">The table is damaged.</exception>
    internal IReadOnlyList<LatentRow> RowsOf(StoreShard shard) => _open.RowsOf(shard);

    /// <summary>Keeps a shard open until what is returned is disposed.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    internal OpenShards.ShardLease Lease(StoreShard shard) => _open.Lease(shard);

    /// <summary>All images once, in an order that depends on seed and epoch alone. It stays within some shards at a time, so that a disk can follow and only so many numbers are kept.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="epoch">Which pass: each has another order.</param>
    /// <param name="shardsAtOnce">Shards among whose images the next one is drawn, 1 to 256; with as many as the store has, every order is as likely.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="shardsAtOnce"/> is out of range.</exception>
    public IEnumerable<long> Shuffled(long seed, long epoch = 0, int shardsAtOnce = ShuffledOrder.ShardsAtOnce)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shardsAtOnce, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shardsAtOnce, OpenShards.Most);
        return ShuffledOrder.Of(_index.Shards, seed, epoch, shardsAtOnce);
    }

    /// <summary>Closes all files.</summary>
    public void Dispose() => _open.Dispose();
}
