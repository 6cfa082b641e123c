namespace LiteVae.Tests;

/// <summary>What a reader must keep to with a file that may be hostile: it works or throws <see cref="InvalidDataException"/>, soon, and with little memory.</summary>
internal static class HostileFile
{
    /// <summary>Most managed memory that reading a file of this size may allocate in all, garbage included.</summary>
    public static long MostAllocated(long fileLength) => (2 * fileLength) + (64 << 20);

    /// <summary>Reads a file and checks all of that.</summary>
    /// <param name="path">The file.</param>
    /// <param name="read">Opens it, and reads whatever it has.</param>
    /// <returns>The message of the refusal, or null where the file was read.</returns>
    public static string? Read(string path, Action<string> read)
    {
        var length = new FileInfo(path).Length;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var before = GC.GetAllocatedBytesForCurrentThread();
        string? refusal = null;
        try
        {
            read(path);
        }
        catch (InvalidDataException e)
        {
            refusal = e.Message;
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated <= MostAllocated(length), $"{allocated} bytes were allocated for a file of {length}; at most {MostAllocated(length)} are allowed. {refusal}");
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"it took {clock.Elapsed}. {refusal}");
        return refusal;
    }
}
