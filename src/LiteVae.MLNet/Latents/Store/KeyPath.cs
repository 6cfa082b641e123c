using System.Text;

namespace LiteVae;

/// <summary>Files that are named after keys: a key may hold anything, and a file name may not.</summary>
internal static class KeyPath
{
    // NAME_MAX of ext4, XFS and APFS; NTFS counts UTF-16 units, of which a text has no more than bytes.
    private const int MaxNameBytes = 255;

    // PATH_MAX less its closing zero. The folder must also hold a temporary file, whose name may be the longer one.
    private static readonly int MaxPathBytes = (OperatingSystem.IsMacOS() ? 1_023 : 4_095) - 40;

    /// <summary>The path of a name below a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The name, with '/' between its parts; one without a fault.</param>
    public static string Below(string folder, string name) => Path.Combine(Root(folder), name.Replace('/', Path.DirectorySeparatorChar));

    /// <summary>Why no file below a folder can have a name. Names without a fault lie in the folder, and different ones are different files.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The name, with '/' between its parts, and with an extension that all files there have.</param>
    /// <returns>What follows "the key"; null where nothing is wrong.</returns>
    public static string? Fault(string folder, string name)
    {
        var parts = name.Split('/');
        if (parts.Any(part => part.IndexOfAny(Path.GetInvalidFileNameChars()) >= 0))
        {
            return "has a character that no file name may have";
        }

        // '.', '..', nothing between two slashes, and an absolute path all mean another file than they spell.
        var path = Below(folder, name);
        if (Path.GetFullPath(path) != path || parts.Any(part => part.Length == 0))
        {
            return "has an empty name, '.' or '..' between its slashes";
        }

        if (parts.FirstOrDefault(part => Encoding.UTF8.GetByteCount(part) > MaxNameBytes) is { } part)
        {
            return $"gives a name of {Encoding.UTF8.GetByteCount(part)} bytes, and a file system takes {MaxNameBytes}";
        }

        if (Encoding.UTF8.GetByteCount(path) > MaxPathBytes)
        {
            return $"gives a path of {Encoding.UTF8.GetByteCount(path)} bytes, and the system takes {MaxPathBytes}";
        }

        // The key 'a' has the file a.png: there can be no folder of that name.
        var extension = Path.GetExtension(name);
        return parts[..^1].Any(part => part.EndsWith(extension, StringComparison.OrdinalIgnoreCase)) ? $"has a folder that ends in {extension}, as the files do" : null;
    }

    private static string Root(string folder) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
}
