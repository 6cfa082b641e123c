namespace LiteVae;

/// <summary>Temporary files that nobody has to clean up: they have no name, and go with the process, also one that is killed.</summary>
internal static class AnonymousFile
{
    /// <summary>A file for writing and reading back.</summary>
    /// <param name="folder">Where its bytes lie; created where missing.</param>
    public static FileStream Create(string folder)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        var stream = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, bufferSize: 1 << 16, FileOptions.DeleteOnClose);
        if (!OperatingSystem.IsWindows())
        {
            File.Delete(path); // Windows itself removes it with the last handle; elsewhere only a clean end would
        }

        return stream;
    }
}
