namespace LiteVae.Tests;

/// <summary>A folder of its own for one test, removed with everything in it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    /// <summary>The folder's full path.</summary>
    public string Root { get; } = Directory.CreateTempSubdirectory("litevae-test-").FullName;

    /// <summary>A path in the folder; parts are separated by '/'.</summary>
    public string At(string relative) => Path.Combine(Root, Path.Combine(relative.Split('/')));

    /// <summary>Writes a text file in the folder and returns its path.</summary>
    public string Write(string relative, string text)
    {
        var path = At(relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
