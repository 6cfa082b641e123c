namespace LiteVae.Tests;

/// <summary>Programs of this machine.</summary>
internal static class OnPath
{
    /// <summary>The first file of a name in the folders of <c>PATH</c>, or null.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
