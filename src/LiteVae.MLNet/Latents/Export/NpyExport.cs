using System.Globalization;

namespace LiteVae;

/// <summary>A .npy file an image. Not thread-safe.</summary>
internal sealed class NpyExport(ExportedImages images, string folder)
{
    private const long FolderSize = 10_000; // more files slow many file systems down

    /// <summary>Writes the images of a shard.</summary>
    public void Write(StoreShard shard, Action next)
    {
        var shape = images.Shape(shard);
        var lines = new List<byte>();
        foreach (var image in images.Of(shard))
        {
            var path = $"{(image.Number / FolderSize).ToString("D6", CultureInfo.InvariantCulture)}/{image.Name}";
            AtomicFile.WriteAllBytes(Path.Combine(folder, path + ".npy"), NpyFile.Of(image.Latent, shape));
            if (image.Flipped is not null)
            {
                AtomicFile.WriteAllBytes(Path.Combine(folder, path + ".flipped.npy"), NpyFile.Of(image.Flipped, shape));
            }

            lines.AddRange(StoreJson.Line(new IndexLine(path + ".npy", image.Row.Key, image.Row.Source, image.Row.Label, image.Row.Caption)));
            next();
        }

        using var index = new FileStream(Path.Combine(folder, "index.jsonl"), FileMode.Append, FileAccess.Write);
        index.Write([.. lines]);
        index.Flush(flushToDisk: true);
    }

    /// <summary>A line of the index.</summary>
    private sealed record IndexLine(string File, string Key, string Source, string? Label, string? Caption);
}
