namespace LiteVae;

/// <summary>Files that are named after keys: a key may hold anything, and must not lead out of a folder.</summary>
internal static class KeyPath
{
    /// <summary>The path of a name below a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The name, with '/' between its parts.</param>
    /// <exception cref="InvalidDataException">It names a file outside of the folder.</exception>
    public static string Below(string folder, string name)
    {
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var path = name.Contains('\0', StringComparison.Ordinal) ? "" : Path.GetFullPath(Path.Combine(root, name));
        return path.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw new InvalidDataException($"'{FaultText.Printable(name)}' names a file outside of {root}: keys of a store that is written out under them must not.");
    }
}
