using System.Globalization;
using LiteVae.Tests;
using LiteVae.Tests.Shared;

namespace LiteVae.Cli.Tests.Packages;

/// <summary>The packages as they would be published, in a folder, under a version that nothing else has: NuGet keeps what it has once seen.</summary>
public sealed class PackedOnce : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>The version of all packages.</summary>
    public string Version { get; } = string.Create(CultureInfo.InvariantCulture, $"0.0.1-test{DateTime.UtcNow.Ticks}");

    /// <summary>The folder of packages.</summary>
    public string Folder => _folder.At("packages");

    /// <summary>A file of a package's.</summary>
    public string this[string id, string extension = "nupkg"] => Path.Combine(Folder, $"{id}.{Version}.{extension}");

    public async ValueTask InitializeAsync()
    {
        foreach (var project in new[] { "LiteVae.MLNet", "LiteVae.Training", "LiteVae.Cli" })
        {
            // the tool is packed without libtorch, and so built anew; the libraries are those that are tested
            string[] kind = project == "LiteVae.Cli" ? ["-p:Accelerator=none"] : ["--no-build"];
            (await Dotnet(SharedData.Repository, ["pack", $"src/{project}", "-c", "Release", "-o", Folder, $"-p:Version={Version}", .. kind])).Expect(0);
        }
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        foreach (var copy in Directory.Exists(cache) ? Directory.GetDirectories(cache, "litevae*").Select(package => Path.Combine(package, Version)).Where(Directory.Exists) : [])
        {
            Directory.Delete(copy, recursive: true);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Runs the SDK.</summary>
    internal static Task<Litevae.Result> Dotnet(string folder, params string[] arguments) =>
        Litevae.Finish(Litevae.StartDotnet(arguments, folder, new() { ["MSBUILDDISABLENODEREUSE"] = "1", ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1" }));
}
