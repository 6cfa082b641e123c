using LiteVae.Tests.Images;
using LiteVae.Tests.Shared;
using SkiaSharp;

namespace LiteVae.Cli.Tests.Commands;

/// <summary>Small crops of the photos in samples/, as JPEG files of several sides' ratios.</summary>
internal static class PhotoCrops
{
    private static readonly (int Width, int Height)[] Sizes = [(48, 48), (64, 40), (40, 72), (56, 56)];

    private static readonly Lazy<RgbImage[]> Photos = new(() =>
        [.. Directory.GetFiles(Path.Combine(SharedData.Repository, "samples", "photos"), "*.jpg").Order(StringComparer.Ordinal).Select(ImageDecoder.Decode)]);

    /// <summary>Writes crops into folders of a hundred.</summary>
    public static void Write(string folder, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var photo = Photos.Value[i % Photos.Value.Length];
            var (width, height) = Sizes[i % Sizes.Length];
            var (left, top) = (i * 37 % (photo.Width - width), i * 53 % (photo.Height - height));
            var crop = Pictures.FromPixels(width, height, (x, y) => Pictures.At(photo, left + x, top + y));
            var path = Path.Combine(folder, $"{i / 100:00}", $"{i:00000}.jpg");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, Pictures.Encode(crop, SKEncodedImageFormat.Jpeg));
        }
    }
}
