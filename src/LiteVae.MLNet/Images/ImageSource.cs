using System.IO.Enumeration;

namespace LiteVae;

/// <summary>An image file of a job, and the key that names it in the results.</summary>
/// <param name="Path">Its full path.</param>
/// <param name="Key">Unique in the job, with '/' between its parts: the path relative to the input folder, or the file's name.</param>
public sealed record ImageSource(string Path, string Key)
{
    private const string ListExtension = ".txt";

    private static readonly HashSet<string> Extensions = new(StringComparer.OrdinalIgnoreCase) { ".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif" };

    /// <summary>Finds the images that inputs name, sorted by key (ordinal), each file once.</summary>
    /// <param name="inputs">
    /// Folders, searched with their subfolders for .jpg, .jpeg, .png, .webp, .bmp and .gif, without hidden files and without following links to
    /// folders; files, taken whatever their name; .txt files, lists of paths, one a line, relative to the list's folder. A path in a list that
    /// does not exist is kept, so that the job can report it, and so is the path of a subfolder that cannot be read. Where two files would get the same key, both get their full path as key.
    /// </param>
    /// <exception cref="FileNotFoundException">An input does not exist.</exception>
    public static IReadOnlyList<ImageSource> Find(IEnumerable<string> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var sources = inputs.SelectMany(FindIn).DistinctBy(source => source.Path).ToList();
        var clashes = sources.CountBy(source => source.Key).Where(count => count.Value > 1).Select(count => count.Key).ToHashSet();
        return [.. sources
            .Select(source => clashes.Contains(source.Key) ? source with { Key = FullKey(source.Path) } : source)
            .OrderBy(source => source.Key, StringComparer.Ordinal)];
    }

    private static IEnumerable<ImageSource> FindIn(string input)
    {
        ArgumentException.ThrowIfNullOrEmpty(input);
        var path = System.IO.Path.GetFullPath(input);
        if (Directory.Exists(path))
        {
            return FilesBelow(path).Select(file => new ImageSource(file, KeyBelow(path, file)));
        }

        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"The input '{input}' does not exist: name an image, a folder of images or a .txt list of paths.", input);
        }

        return IsList(path)
            ? Listed(path)
            : [new ImageSource(path, System.IO.Path.GetFileName(path))];
    }

    private static List<string> FilesBelow(string root)
    {
        var found = new List<string>();
        var folders = new Stack<string>([root]);
        while (folders.TryPop(out var folder))
        {
            try
            {
                foreach (var (path, isFolder) in Entries(folder).ToList())
                {
                    if (path.Length == 0)
                    {
                        found.Add(folder); // .NET gives an empty path where it would be longer than the system takes
                    }
                    else if (isFolder)
                    {
                        folders.Push(path);
                    }
                    else
                    {
                        found.Add(path);
                    }
                }
            }
            catch (Exception e) when (e is UnauthorizedAccessException or IOException && folder != root)
            {
                found.Add(folder);
            }
        }

        return found;
    }

    private static FileSystemEnumerable<(string Path, bool IsFolder)> Entries(string folder)
    {
        var options = new EnumerationOptions { IgnoreInaccessible = false, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System };
        return new FileSystemEnumerable<(string, bool)>(folder, (ref FileSystemEntry entry) => (entry.ToFullPath(), entry.IsDirectory), options)
        {
            // A link to a parent folder would never end.
            ShouldIncludePredicate = (ref FileSystemEntry entry) => entry.IsDirectory
                ? (entry.Attributes & FileAttributes.ReparsePoint) == 0
                : IsImage(entry.FileName),
        };
    }

    /// <summary>Whether a file's name is that of an image.</summary>
    internal static bool IsImage(ReadOnlySpan<char> name) => Extensions.GetAlternateLookup<ReadOnlySpan<char>>().Contains(System.IO.Path.GetExtension(name));

    /// <summary>Whether a path is that of a list of paths.</summary>
    internal static bool IsList(string path) => System.IO.Path.GetExtension(path).Equals(ListExtension, StringComparison.OrdinalIgnoreCase);

    /// <summary>The images of a list, in its order, as often as it names them.</summary>
    internal static IEnumerable<ImageSource> Listed(string list)
    {
        var folder = System.IO.Path.GetDirectoryName(list)!;
        return File.ReadLines(list)
            .Select(line => line.Trim())
            .Where(line => line.Length > 0)
            .Select(line => System.IO.Path.GetFullPath(line, folder))
            .Select(path => new ImageSource(path, KeyBelow(folder, path)));
    }

    /// <summary>The path relative to a folder, or the full key of a file that lies outside of it.</summary>
    internal static string KeyBelow(string folder, string path)
    {
        var relative = System.IO.Path.GetRelativePath(folder, path);
        var isOutside = System.IO.Path.IsPathRooted(relative) || relative.Split(System.IO.Path.DirectorySeparatorChar)[0] == "..";
        return isOutside ? FullKey(path) : Slashes(relative);
    }

    private static string FullKey(string path) => Slashes(path).Replace(":", "", StringComparison.Ordinal).TrimStart('/');

    private static string Slashes(string path) => path.Replace(System.IO.Path.DirectorySeparatorChar, '/');
}
