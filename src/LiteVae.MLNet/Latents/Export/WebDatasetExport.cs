using System.Formats.Tar;
using System.Text;

namespace LiteVae;

/// <summary>A tar file a shard, whose members of one image follow each other.</summary>
internal sealed class WebDatasetExport(ExportedImages images, string folder)
{
    /// <summary>Writes the images of a shard.</summary>
    public void Write(StoreShard shard, Action next)
    {
        var shape = images.Shape(shard);
        AtomicFile.Write(Path.Combine(folder, $"{shard.Number:D5}.tar"), stream =>
        {
            using var tar = new TarWriter(stream, TarEntryFormat.Ustar, leaveOpen: true);
            foreach (var image in images.Of(shard))
            {
                Add(tar, image, "latent.npy", NpyFile.Of(image.Latent, shape));
                Add(tar, image, "flipped.npy", image.Flipped is null ? null : NpyFile.Of(image.Flipped, shape));
                Add(tar, image, "cls", image.Row.Label is null ? null : Encoding.UTF8.GetBytes(image.Row.Label));
                Add(tar, image, "txt", image.Row.Caption is null ? null : Encoding.UTF8.GetBytes(image.Row.Caption));
                Add(tar, image, "json", StoreJson.Line(image.Row));
                next();
            }
        });
    }

    private static void Add(TarWriter tar, ExportedImage image, string extension, byte[]? content)
    {
        if (content is null)
        {
            return;
        }

        // the same bytes every time: no date, owner or mode of today
        using var data = new MemoryStream(content);
        tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"{image.Name}.{extension}")
        {
            DataStream = data, ModificationTime = DateTimeOffset.UnixEpoch, Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
        });
    }
}
