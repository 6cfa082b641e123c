namespace LiteVae;

/// <summary>Where a path really leads: every link on the way followed.</summary>
internal static class CanonicalPath
{
    // Linux's own limit, for links that lead in circles.
    private const int MaxLinks = 40;

    /// <summary>The full path without links; parts that do not exist are kept as they are.</summary>
    /// <exception cref="IOException">The links lead in a circle.</exception>
    public static string Of(string path)
    {
        var left = new Stack<string>();
        var real = Restart(Path.GetFullPath(path), left);
        for (var links = 0; left.TryPop(out var part);)
        {
            var next = Path.Combine(real, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MaxLinks)
            {
                throw new IOException($"{path}: the links of this path lead in a circle.");
            }

            real = Restart(Path.GetFullPath(target, real), left);
        }

        return real;
    }

    private static string Restart(string path, Stack<string> left)
    {
        var root = Path.GetPathRoot(path)!;
        var parts = path[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        foreach (var part in parts.Reverse())
        {
            left.Push(part);
        }

        return root;
    }
}
