namespace LiteVae.Tests.Shared;

/// <summary>The repository's own files, and the optional test data that may lie beside it in <c>../shared</c>.</summary>
internal static class SharedData
{
    /// <summary>The folder that holds LiteVae.sln.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>A path below <c>../shared</c>; skips the running test, saying so, where that data is absent.</summary>
    public static string PathOrSkip(string relative)
    {
        var path = Path.GetFullPath(Path.Combine(Repository, "..", "shared", relative));
        Assert.SkipUnless(Path.Exists(path), $"needs test data that is not on this machine: shared/{relative}");
        return path;
    }

    /// <summary>The program of a project under tests/, built as these tests are.</summary>
    public static string App(string project) =>
        Path.Combine(Repository, "tests", project, "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", $"{project}.dll");

    private static string FindRepository()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "LiteVae.sln")))
            {
                return folder;
            }
        }

        throw new InvalidOperationException($"No LiteVae.sln above {AppContext.BaseDirectory}: run the tests from a checkout.");
    }
}
