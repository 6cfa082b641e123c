using System.Globalization;
using System.IO.Compression;

namespace LiteVae;

/// <summary>A .npz file an image, named as kohya's sd-scripts look for it beside the image: put the images next to them, or link the folders.</summary>
internal sealed class KohyaExport(ExportedImages images, string folder)
{
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);

    /// <summary>Writes the images of a shard.</summary>
    public void Write(StoreShard shard, Action next)
    {
        var shape = images.Shape(shard);
        foreach (var image in images.Of(shard))
        {
            var row = image.Row;
            AtomicFile.Write(PathOf(image), stream =>
            {
                using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
                Add(zip, "latents", NpyFile.Of(image.Latent, shape));
                Add(zip, "original_size", NpyFile.Of([(long)row.Width, row.Height]));
                Add(zip, "crop_ltrb", NpyFile.Of(Crop(image.Size, row)));
                if (image.Flipped is not null)
                {
                    Add(zip, "latents_flipped", NpyFile.Of(image.Flipped, shape));
                }
            });
            next();
        }
    }

    private string PathOf(ExportedImage image)
    {
        var stem = Path.ChangeExtension(image.Row.Key, null);
        var path = KeyPath.Below(folder, string.Create(CultureInfo.InvariantCulture, $"{stem}_{image.Row.Width:D4}x{image.Row.Height:D4}_sd.npz")); // the size of the image file, not of what was encoded: sd-scripts read it out of the name
        return _written.Add(path) ? path
            : throw new InvalidOperationException($"The key '{FaultText.Printable(image.Row.Key)}' and another one, with another extension, both ask for {path}: export them in another format, whose files are numbered.");
    }

    /// <summary>
    /// What sd-scripts' <c>BucketManager.get_crop_ltrb</c> makes of the bucket and the image: the box of the whole image when it is scaled until it just fits into the bucket,
    /// in pixels of the bucket, with left and top rounded down. That is not the box of the image that was encoded; but it is what sd-scripts give to SDXL, and mirror at the bucket's right side.
    /// </summary>
    private static double[] Crop(ImageSize bucket, LatentRow row)
    {
        var ratio = (double)row.Width / row.Height;
        var (width, height) = (double)bucket.Width / bucket.Height > ratio ? (bucket.Height * ratio, (double)bucket.Height) : (bucket.Width, bucket.Width / ratio);
        var (left, top) = (Math.Floor((bucket.Width - width) / 2), Math.Floor((bucket.Height - height) / 2));
        return [left, top, left + width, top + height];
    }

    private static void Add(ZipArchive zip, string name, byte[] npy)
    {
        var entry = zip.CreateEntry(name + ".npy", CompressionLevel.NoCompression);
        entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero); // the format's first: the same bytes every time
        using var stream = entry.Open();
        stream.Write(npy);
    }
}
