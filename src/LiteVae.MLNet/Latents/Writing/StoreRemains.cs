namespace LiteVae;

/// <summary>Removes what killed tasks have left in a store, and nothing of a task that is at work.</summary>
internal static class StoreRemains
{
    // A file that is being written is locked; where the file system has no locks, its age tells.
    private static readonly TimeSpan LeastAge = TimeSpan.FromMinutes(10);

    /// <summary>Removes temporary files that nobody writes, and lists of sources of planners that came second.</summary>
    public static void Remove(StorePaths paths, StorePlan plan)
    {
        var lists = Directory.EnumerateFiles(paths.Root, StorePaths.SourcesPattern).Where(path => path != paths.Sources(plan.SourcesSha256));
        var folders = new[] { paths.Root, paths.Shards }.Where(Directory.Exists);
        foreach (var path in folders.SelectMany(folder => Directory.EnumerateFiles(folder, AtomicFile.TemporaryPattern)).Where(IsAbandoned).Concat(lists).ToList())
        {
            try
            {
                File.Delete(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // another task has removed it, or owns it: it does no harm
            }
        }
    }

    private static bool IsAbandoned(string path)
    {
        try
        {
            if (DateTime.UtcNow - File.GetLastWriteTimeUtc(path) < LeastAge)
            {
                return false;
            }

            using var _ = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
