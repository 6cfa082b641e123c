using System.Text;

namespace LiteVae;

/// <summary>Files whose content is not trusted, as they must be before they are opened: devices and pipes, which may have no end or never begin, count as empty.</summary>
internal static class RegularFile
{
    /// <summary>Length of a file, or of the one that a link leads to.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static long Length(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = new FileInfo(path);
        if (file.LinkTarget is not null && file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target)
        {
            file = target; // a link's own length is that of its text
        }

        return file.Exists ? file.Length
            : throw new FileNotFoundException(Directory.Exists(path) ? $"{path}: this is a folder, not a file." : $"{path}: there is no such file.", path);
    }

    /// <summary>Length of a file that has something to read: whoever opens a pipe waits for who writes to it.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is empty, or no regular file.</exception>
    public static long NonEmptyLength(string path) =>
        Length(path) is > 0 and var length ? length : throw new InvalidDataException($"{path}: the file is empty, or no regular file.");

    /// <summary>The whole of a small text file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">Its most bytes.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is empty, or larger.</exception>
    public static string ReadText(string path, int maxBytes)
    {
        using var reader = new StreamReader(new MemoryStream(ReadBytes(path, maxBytes)), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>The whole of a small file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">Its most bytes.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is empty, or larger.</exception>
    public static byte[] ReadBytes(string path, int maxBytes)
    {
        var length = NonEmptyLength(path);
        if (length > maxBytes)
        {
            throw new InvalidDataException($"{path}: the file has {length} bytes; at most {maxBytes} are read.");
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[length];
        var read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return read == bytes.Length ? bytes : bytes[..read];
    }
}
