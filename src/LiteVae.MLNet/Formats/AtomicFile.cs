using System.Text;

namespace LiteVae;

/// <summary>Files that appear complete or not at all: a temporary file beside the target is written, synced to disk and renamed over it.</summary>
internal static class AtomicFile
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
        using var staged = StagedFile.Create(folder);
        write(staged.Stream);
        staged.Close();
        staged.MoveTo(target);
    }

    /// <summary>Gives a file another name in its folder, in place of one that has it, and makes that survive a power cut.</summary>
    public static void Rename(string path, string target)
    {
        File.Move(path, target, overwrite: true);
        StagedFile.SyncFolder(Path.GetDirectoryName(target)!);
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
}
