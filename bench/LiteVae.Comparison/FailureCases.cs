namespace LiteVae.Comparison;

/// <summary>Where a model fails: the windows of some photos that come back worst.</summary>
internal static class FailureCases
{
    /// <summary>Windows that are shown.</summary>
    public const int Count = 10;

    /// <summary>Side of a window, pixels.</summary>
    public const int Side = 64;

    private const int Step = 16;

    /// <summary>The windows with the greatest mean squared error, the worst first; none overlaps another of the same photo.</summary>
    /// <param name="photos">Photos with their reconstructions.</param>
    public static IReadOnlyList<Window> Find(IReadOnlyList<Reconstructed> photos)
    {
        List<Window> found = [];
        foreach (var window in photos.SelectMany(All).OrderByDescending(window => window.MeanSquaredError))
        {
            if (!found.Exists(other => other.Photo == window.Photo && Math.Abs(other.Left - window.Left) < Side && Math.Abs(other.Top - window.Top) < Side))
            {
                found.Add(window);
            }

            if (found.Count == Count)
            {
                break;
            }
        }

        return found;
    }

    /// <summary>The windows in a row, what became of them below.</summary>
    public static RgbImage Draw(IReadOnlyList<Window> windows) => Sheet.Draw(
    [
        [.. windows.Select(window => window.Of(window.Photo.Image))],
        [.. windows.Select(window => window.Of(window.Photo.Reconstruction))],
    ]);

    private static IEnumerable<Window> All(Reconstructed photo)
    {
        for (var top = 0; top + Side <= photo.Image.Height; top += Step)
        {
            for (var left = 0; left + Side <= photo.Image.Width; left += Step)
            {
                yield return new Window(photo, left, top, Error(photo, left, top));
            }
        }
    }

    private static double Error(Reconstructed photo, int left, int top)
    {
        var sum = 0L;
        for (var y = top; y < top + Side; y++)
        {
            var (from, length) = (left * RgbImage.Channels, Side * RgbImage.Channels);
            var a = photo.Image.Row(y).Slice(from, length);
            var b = photo.Reconstruction.Row(y).Slice(from, length);
            for (var i = 0; i < length; i++)
            {
                sum += (a[i] - b[i]) * (a[i] - b[i]);
            }
        }

        return (double)sum / (Side * Side * RgbImage.Channels);
    }

    /// <summary>A photo and what a model makes of it.</summary>
    internal sealed record Reconstructed(string Key, RgbImage Image, RgbImage Reconstruction);

    /// <summary>A window of a photo.</summary>
    internal sealed record Window(Reconstructed Photo, int Left, int Top, double MeanSquaredError)
    {
        /// <summary>Its PSNR in dB; null where it is exact.</summary>
        public double? Psnr => MeanSquaredError > 0 ? 10 * Math.Log10(255 * 255 / MeanSquaredError) : null;

        public Sheet.Crop Of(RgbImage image) => new(image, Left, Top, Side, Side);
    }
}
