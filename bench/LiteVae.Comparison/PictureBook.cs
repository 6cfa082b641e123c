using LiteVae.Comparison.Peers;

namespace LiteVae.Comparison;

/// <summary>Chooses what is shown by a rule, not by hand, and draws it.</summary>
internal sealed class PictureBook(Settings settings, IReadOnlyList<IPeer> peers)
{
    /// <summary>Side of a crop, taken from the middle of the photo.</summary>
    public const int CropSide = 128;

    /// <summary>Screen pixels along a side of an image's pixel.</summary>
    public const int Enlargement = 2;

    private const int Gap = 8;
    private const byte Paper = 255;

    // the page's own name in front: other pages' pictures lie in the same folder
    private readonly string _prefix = $"images/{Path.GetFileNameWithoutExtension(settings.Out)}";

    /// <summary>Writes the strips of the photos that the first peer does worst, middling and best.</summary>
    public IReadOnlyList<Picture> Draw(IReadOnlyList<ImageSource> photos)
    {
        var ranked = photos.Select(source => (source.Key, Image: ImageDecoder.Decode(source.Path)))
            .OrderBy(photo => PsnrOf(photo.Image, peers[0].Reconstruct(photo.Image)) ?? double.PositiveInfinity).ToList();
        var shown = Shown();
        return [.. new[] { ("worst", ranked[0]), ("median", ranked[ranked.Count / 2]), ("best", ranked[^1]) }.Select(choice => Draw(choice.Item1, choice.Item2.Key, choice.Item2.Image, shown))];
    }

    /// <summary>Original and reconstructions side by side: the middle of each, enlarged without smoothing.</summary>
    public static RgbImage Strip(IReadOnlyList<RgbImage> images)
    {
        var (width, height) = (Math.Min(CropSide, images[0].Width), Math.Min(CropSide, images[0].Height));
        var (left, top) = ((images[0].Width - width) / 2, (images[0].Height - height) / 2);
        var (step, rows) = ((width * Enlargement) + Gap, height * Enlargement);
        var columns = (images.Count * step) - Gap;
        var strip = new RgbImage(columns, rows, new byte[columns * rows * RgbImage.Channels]);
        strip.Pixels.AsSpan().Fill(Paper);
        for (var i = 0; i < images.Count; i++)
        {
            for (var y = 0; y < rows; y++)
            {
                var from = images[i].Row(top + (y / Enlargement));
                var to = strip.Row(y)[(i * step * RgbImage.Channels)..];
                for (var x = 0; x < width * Enlargement; x++)
                {
                    from.Slice((left + (x / Enlargement)) * RgbImage.Channels, RgbImage.Channels).CopyTo(to[(x * RgbImage.Channels)..]);
                }
            }
        }

        return strip;
    }

    private static double? PsnrOf(RgbImage image, RgbImage reconstruction) => ImageScore.Of(image, reconstruction).Psnr;

    /// <summary>All peers, but of the linear codes the one whose channels are nearest to the first peer's.</summary>
    private List<IPeer> Shown()
    {
        var floor = peers.Where(peer => peer.Facts.Kind == PeerKind.Floor).MinBy(peer => Math.Abs(peer.Facts.Channels - peers[0].Facts.Channels));
        return [.. peers.Where(peer => peer.Facts.Kind != PeerKind.Floor || peer == floor)];
    }

    private Picture Draw(string choice, string photo, RgbImage image, List<IPeer> shown)
    {
        var reconstructions = shown.Select(peer => peer.Reconstruct(image)).ToList();
        var file = $"{_prefix}-{choice}.png";
        PngFile.Save(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(settings.Out))!, Path.Combine(file.Split('/'))), Strip([image, .. reconstructions]));
        return new Picture(file, photo, choice, [.. shown.Zip(reconstructions, (peer, reconstruction) => (peer.Facts.Name, PsnrOf(image, reconstruction)))]);
    }
}
