using System.Runtime.InteropServices;
using System.Text;

namespace LiteVae;

/// <summary>Files that appear complete or not at all: a temporary file beside the target is written, synced to disk and renamed over it.</summary>
internal static partial class AtomicFile
{
    /// <summary>Matches the temporary files, which a process that is killed while it writes leaves behind.</summary>
    public const string TemporaryPattern = ".*.tmp";

    private static readonly UTF8Encoding Utf8NoBom = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Writes a file; on any failure the old file, if there was one, stays as it was and no temporary file is left.</summary>
    /// <param name="path">The target. Its folder is created where missing; a symbolic link is replaced, not followed.</param>
    /// <param name="write">Writes the content.</param>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        var target = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(target) ?? throw new ArgumentException($"'{path}' is the root of a drive: name a file.", nameof(path));
        Directory.CreateDirectory(folder);

        // The name is hidden, so that a folder listing does not take a half-written file for a result,
        // and short, so that a target with a name of the greatest allowed length still works.
        var temporary = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        SyncFolder(folder);
    }

    /// <summary>Writes a text as UTF-8 without a byte order mark.</summary>
    public static void WriteAllText(string path, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Write(path, stream => stream.Write(Utf8NoBom.GetBytes(text)));
    }

    /// <summary>Writes bytes.</summary>
    public static void WriteAllBytes(string path, ReadOnlySpan<byte> bytes)
    {
        var copy = bytes.ToArray(); // a span cannot enter a lambda
        Write(path, stream => stream.Write(copy));
    }

    /// <summary>Makes the rename itself survive a power cut. Best effort: some file systems do not sync folders, and Windows needs none.</summary>
    private static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        const int readOnly = 0;
        var descriptor = Open(folder, readOnly);
        if (descriptor >= 0)
        {
            _ = Sync(descriptor);
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
