using Microsoft.ML.Data;
using SkiaSharp;

namespace LiteVae.Benchmarks;

/// <summary>The samples' photos at one size, as JPEG files in a temporary folder.</summary>
internal sealed class SamplePhotos : IDisposable
{
    private const int JpegQuality = 90;

    /// <summary>Where they lie as they come.</summary>
    public static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "photos");

    private readonly string _folder = Directory.CreateTempSubdirectory("litevae-bench-").FullName;

    public SamplePhotos(int width, int height)
    {
        Paths = [.. Directory.GetFiles(Folder, "*.jpg").Order(StringComparer.Ordinal).Select(path => Resize(path, width, height))];
    }

    /// <summary>The files.</summary>
    public string[] Paths { get; }

    /// <summary>Some number of paths, around and around.</summary>
    public IEnumerable<string> Cycle(int count) => Enumerable.Range(0, count).Select(i => Paths[i % Paths.Length]);

    /// <summary>The decoded files as ML.NET's images. The caller disposes them.</summary>
    public MLImage[] Images() => [.. Paths.Select(MLImage.CreateFromFile)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Resize(string path, int width, int height)
    {
        using var photo = SKBitmap.Decode(path);
        using var resized = photo.Resize(new SKImageInfo(width, height), SKFilterQuality.High);
        using var jpeg = resized.Encode(SKEncodedImageFormat.Jpeg, JpegQuality);
        var target = Path.Combine(_folder, Path.GetFileName(path));
        using var stream = File.Create(target);
        jpeg.SaveTo(stream);
        return target;
    }
}
