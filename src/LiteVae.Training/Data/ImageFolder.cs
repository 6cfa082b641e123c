using System.Collections.Concurrent;

namespace LiteVae.Training;

/// <summary>The images of a training or an evaluation: found once, decoded when asked for, the unreadable ones named once and left out.</summary>
internal sealed class ImageFolder
{
    private readonly IReadOnlyList<ImageSource> _sources;
    private readonly ConcurrentDictionary<int, string> _failures = new();

    /// <summary>Finds the images of a folder, recursively, in the order of their names; or those of a text file of paths, in its order and as often as it names them.</summary>
    /// <param name="path">The folder or text file.</param>
    /// <param name="most">Most images to take, spread over all there are.</param>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public ImageFolder(string path, int most = int.MaxValue)
    {
        IReadOnlyList<ImageSource> all = File.Exists(path) && ImageSource.IsList(path) ? [.. ImageSource.Listed(Path.GetFullPath(path))] : ImageSource.Find([path]);
        _sources = all.Count <= most ? all : [.. Enumerable.Range(0, most).Select(i => all[(int)((long)i * all.Count / most)])];
        if (_sources.Count == 0)
        {
            throw new InvalidDataException($"{path}: no images found (looked for .jpg, .jpeg, .png, .webp, .bmp and .gif, in subfolders too).");
        }
    }

    /// <summary>Called once for each image that cannot be read, with the reason; from any thread.</summary>
    public Action<string>? OnFailure { get; init; }

    /// <summary>Images found, readable or not.</summary>
    public int Count => _sources.Count;

    /// <summary>Images that could not be read so far.</summary>
    public int FailureCount => _failures.Count;

    /// <summary>Which images could not be read so far.</summary>
    public IEnumerable<int> Failed => _failures.Keys;

    /// <summary>The key that names an image.</summary>
    public string KeyOf(int index) => _sources[index].Key;

    /// <summary>Decodes an image, or, where it cannot be read, the next one that can: the same one every time.</summary>
    /// <exception cref="InvalidDataException">No image can be read.</exception>
    public RgbImage Load(int index)
    {
        for (var tried = 0; tried < Count; tried++)
        {
            if (TryLoad((index + tried) % Count) is { } image)
            {
                return image;
            }
        }

        throw new InvalidDataException($"None of the {Count} images can be read; the first says: {_failures.GetValueOrDefault(0)}");
    }

    /// <summary>Decodes an image; null where it cannot be read.</summary>
    public RgbImage? TryLoad(int index)
    {
        if (_failures.ContainsKey(index))
        {
            return null;
        }

        try
        {
            return ImageDecoder.Decode(_sources[index].Path);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            if (_failures.TryAdd(index, e.Message))
            {
                OnFailure?.Invoke(e.Message);
            }

            return null;
        }
    }
}
