using LiteVae.Comparison.Peers;

namespace LiteVae.Comparison;

/// <summary>Chooses what is shown by a rule, not by hand, and draws it.</summary>
internal sealed class PictureBook(Settings settings, IReadOnlyList<IPeer> peers)
{
    /// <summary>Side of a crop, taken from the middle of the photo.</summary>
    public const int CropSide = 128;

    // the page's own name in front: other pages' pictures lie in the same folder
    private readonly string _prefix = $"images/{Path.GetFileNameWithoutExtension(settings.Out)}";

    /// <summary>Writes the strips of the photos that the first peer does worst, middling and best, and what it does worst in any of them.</summary>
    public (IReadOnlyList<Picture> Strips, Failures Failures) Draw(IReadOnlyList<ImageSource> photos)
    {
        var ranked = photos.Select(source => (source.Key, Image: ImageDecoder.Decode(source.Path)))
            .Select(photo => new FailureCases.Reconstructed(photo.Key, photo.Image, peers[0].Reconstruct(photo.Image)))
            .OrderBy(photo => PsnrOf(photo.Image, photo.Reconstruction) ?? double.PositiveInfinity).ToList();
        var shown = Shown();
        return (
            [.. new[] { ("worst", ranked[0]), ("median", ranked[ranked.Count / 2]), ("best", ranked[^1]) }.Select(choice => Draw(choice.Item1, choice.Item2.Key, choice.Item2.Image, shown))],
            Draw(FailureCases.Find(ranked)));
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
        var file = Save(choice, Sheet.Draw([[.. reconstructions.Prepend(image).Select(picture => Sheet.Crop.Middle(picture, CropSide))]]));
        return new Picture(file, photo, choice, [.. shown.Zip(reconstructions, (peer, reconstruction) => (peer.Facts.Name, PsnrOf(image, reconstruction)))]);
    }

    private Failures Draw(IReadOnlyList<FailureCases.Window> windows) =>
        new(Save("failures", FailureCases.Draw(windows)), [.. windows.Select(window => (window.Photo.Key, window.Psnr))]);

    private string Save(string name, RgbImage picture)
    {
        var file = $"{_prefix}-{name}.png";
        picture.SavePng(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(settings.Out))!, Path.Combine(file.Split('/'))));
        return file;
    }
}
