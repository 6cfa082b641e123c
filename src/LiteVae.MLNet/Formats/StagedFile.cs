using System.Runtime.InteropServices;

namespace LiteVae;

/// <summary>A file under a temporary name beside its target: written, synced to disk, and then given its name, or removed.</summary>
internal sealed partial class StagedFile : IDisposable
{
    private readonly string _folder;
    private readonly string _temporary;
    private bool _gone;

    private StagedFile(string folder)
    {
        _folder = folder;

        // The name is hidden, so that a folder listing does not take a half-written file for a result,
        // and short, so that a target with a name of the greatest allowed length still works.
        _temporary = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        Stream = new FileStream(_temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None);
    }

    /// <summary>Takes the content.</summary>
    public FileStream Stream { get; }

    /// <summary>Begins a file.</summary>
    /// <param name="folder">The target's folder, as a full path; created where missing.</param>
    public static StagedFile Create(string folder)
    {
        Directory.CreateDirectory(folder);
        return new StagedFile(folder);
    }

    /// <summary>Syncs the content to disk.</summary>
    public void Close()
    {
        Stream.Flush(flushToDisk: true);
        Stream.Dispose();
    }

    /// <summary>Gives the file its name, in place of one that has it; a symbolic link is replaced, not followed.</summary>
    /// <param name="target">A path in the same folder.</param>
    public void MoveTo(string target)
    {
        File.Move(_temporary, target, overwrite: true);
        _gone = true;
        SyncFolder(_folder);
    }

    /// <summary>Gives the file its name unless one has it, however many processes try at once.</summary>
    /// <param name="target">A path in the same folder.</param>
    /// <returns>Whether it has the name now.</returns>
    /// <exception cref="IOException">The file system has neither hard links nor another way to name a file exclusively.</exception>
    public bool TryMoveTo(string target)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                File.Move(_temporary, target, overwrite: false);
                _gone = true;
                return true;
            }

            // .NET's own move looks first and renames then, which two processes can do at once; a hard link is refused where the name is taken.
            if (Link(_temporary, target) == 0)
            {
                SyncFolder(_folder);
                return true;
            }

            var error = Marshal.GetLastPInvokeError();
            return File.Exists(target) ? false
                : throw new IOException($"{target}: the file cannot be created: {Marshal.GetPInvokeErrorMessage(error)}. The folder must be on a file system with hard links.");
        }
        catch (IOException) when (OperatingSystem.IsWindows() && File.Exists(target))
        {
            return false;
        }
    }

    /// <summary>Removes the file unless it has its name.</summary>
    public void Dispose()
    {
        try
        {
            Stream.Dispose(); // may write what it still holds, to a full disk
        }
        finally
        {
            if (!_gone)
            {
                File.Delete(_temporary);
            }
        }
    }

    /// <summary>Makes the rename itself survive a power cut. Best effort: some file systems do not sync folders, and Windows needs none.</summary>
    internal static void SyncFolder(string folder)
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
            _ = CloseDescriptor(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseDescriptor(int descriptor);

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Link(string from, string to);
}
