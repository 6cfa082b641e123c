namespace LiteVae;

/// <summary>The right to name a part's files: held for the moment that takes, and gone with a process that is killed.</summary>
internal static class StoreLock
{
    private const string LockFile = ".lock";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    // EAGAIN on Linux and on macOS, ERROR_SHARING_VIOLATION on Windows
    private static readonly int[] Held = [11, 35, unchecked((int)0x80070020)];

    /// <summary>Waits for the right.</summary>
    /// <returns>To be disposed to give it back.</returns>
    /// <exception cref="IOException">The store cannot be written.</exception>
    public static FileStream Acquire(StorePaths paths, CancellationToken cancellation)
    {
        Directory.CreateDirectory(paths.Shards);
        while (true)
        {
            try
            {
                return new FileStream(paths.Shard(LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
            }
            catch (IOException e) when (Held.Contains(e.HResult))
            {
                cancellation.WaitHandle.WaitOne(Pause);
                cancellation.ThrowIfCancellationRequested();
            }
        }
    }
}
