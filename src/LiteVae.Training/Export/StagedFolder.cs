namespace LiteVae.Training;

/// <summary>Writes a folder so that it appears whole or not at all: filled under another name beside its place, then renamed.</summary>
/// <remarks>
/// Replacing takes two renames: a process killed between them leaves the old folder as <c>NAME.*.previous</c> and the new one as
/// <c>NAME.*.partial</c>, both whole, and none in the place itself.
/// </remarks>
internal static class StagedFolder
{
    /// <summary>Fills a new folder and puts it at <paramref name="folder"/>, in place of one that <paramref name="mayReplace"/> accepts.</summary>
    /// <exception cref="IOException"><paramref name="folder"/> is or lies under a file, holds something that must not be replaced, or cannot be written.</exception>
    public static void Write(string folder, Func<string, bool> mayReplace, Action<string> fill)
    {
        RequireFree(folder, mayReplace);
        var target = FullPath(folder);
        var staging = $"{target}.{Guid.NewGuid():N}.partial";
        try
        {
            Named(() =>
            {
                Directory.CreateDirectory(staging);
                fill(staging);
            });

            // Again, since filling takes long and someone may have put files there meanwhile.
            RequireFree(folder, mayReplace);
            Named(() => Swap(staging, target));
        }
        finally
        {
            if (Directory.Exists(staging))
            {
                Directory.Delete(staging, recursive: true);
            }
        }

        // What the system says names the folder as it is called meanwhile, or a part of its path.
        void Named(Action write)
        {
            try
            {
                write();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new IOException($"Cannot write the folder '{target}': {e.Message.Replace(staging, target, StringComparison.Ordinal)}", e);
            }
        }
    }

    /// <summary>Refuses what <see cref="Write"/> would refuse, before the work that fills the folder.</summary>
    /// <exception cref="IOException"><paramref name="folder"/> is or lies under a file, or holds something that must not be replaced.</exception>
    public static void RequireFree(string folder, Func<string, bool> mayReplace)
    {
        var target = FullPath(folder);
        for (var path = target; path is not null; path = Path.GetDirectoryName(path))
        {
            if (File.Exists(path))
            {
                throw new IOException($"Cannot write the folder '{target}': the file '{path}' is in the way. Choose another name, or move the file.");
            }
        }

        if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any() && !mayReplace(target))
        {
            throw new IOException($"Will not replace the folder '{target}': it holds files that are not an exported model's. Choose a new or empty folder.");
        }
    }

    private static string FullPath(string folder) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));

    private static void Swap(string staging, string target)
    {
        if (!Directory.Exists(target))
        {
            Directory.Move(staging, target);
            return;
        }

        var previous = $"{target}.{Guid.NewGuid():N}.previous";
        Directory.Move(target, previous);
        try
        {
            Directory.Move(staging, target);
        }
        catch (IOException)
        {
            Directory.Move(previous, target);
            throw;
        }

        Directory.Delete(previous, recursive: true);
    }
}
