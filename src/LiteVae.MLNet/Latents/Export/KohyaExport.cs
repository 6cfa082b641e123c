using System.Globalization;
using System.IO.Compression;

namespace LiteVae;

/// <summary>A .npz file an image, named as kohya's sd-scripts look for it beside the image: put the images next to them, or link the folders.</summary>
internal sealed class KohyaExport
{
    private const int MostNamed = 5; // of the keys that are in the way

    private readonly ExportedImages _images;
    private readonly string _folder;

    /// <summary>Looks whether every image can have its file.</summary>
    /// <exception cref="InvalidOperationException">Some cannot.</exception>
    public KohyaExport(LatentStore store, ExportedImages images, string folder)
    {
        (_images, _folder) = (images, folder);
        var faults = Faults(store, folder).ToList();
        if (faults.Count > 0)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture,
                $"{store.Folder}: {faults.Count:N0} of {store.Count:N0} keys cannot name a file of kohya's, KEY_WIDTHxHEIGHT_sd.npz without the key's extension: {string.Join("; ", faults.Take(MostNamed))}{(faults.Count > MostNamed ? $"; and {faults.Count - MostNamed:N0} more" : "")}. Nothing was written. Encode these images under other keys, or export in another format: there files have numbers."));
        }
    }

    /// <summary>Writes the images of a shard.</summary>
    public void Write(StoreShard shard, Action next)
    {
        var shape = _images.Shape(shard);
        foreach (var image in _images.Of(shard))
        {
            var row = image.Row;
            AtomicFile.Write(KeyPath.Below(_folder, NameOf(row)), stream =>
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

    // the size of the image file, not of what was encoded: sd-scripts read it out of the name
    private static string NameOf(LatentRow row) =>
        string.Create(CultureInfo.InvariantCulture, $"{Stem(row)}_{row.Width:D4}x{row.Height:D4}_sd.npz");

    private static string Stem(LatentRow row) => Path.ChangeExtension(row.Key, null);

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

    private static IEnumerable<string> Faults(LatentStore store, string folder)
    {
        var keys = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var image = 0L; image < store.Count; image++)
        {
            var row = store.RowOf(image);
            if (KeyPath.Fault(folder, NameOf(row)) is { } fault)
            {
                yield return $"'{FaultText.Printable(row.Key)}' {fault}";
            }
            else if (!keys.TryAdd(Stem(row), row.Key))
            {
                // also where the sizes differ: sd-scripts look for the size by the rest of the name
                yield return $"'{FaultText.Printable(row.Key)}' and '{FaultText.Printable(keys[Stem(row)])}' differ in the extension alone";
            }
        }
    }

    private static void Add(ZipArchive zip, string name, byte[] npy)
    {
        var entry = zip.CreateEntry(name + ".npy", CompressionLevel.NoCompression);
        entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero); // the format's first: the same bytes every time
        using var stream = entry.Open();
        stream.Write(npy);
    }
}
