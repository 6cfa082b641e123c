using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using LiteVae.Tests;
using LiteVae.Tests.Shared;

namespace LiteVae.Cli.Tests.Packages;

/// <summary>The packages, used as a stranger uses them: outside of the repository, from a folder of packages.</summary>
public sealed partial class PackagesTests(PackedOnce packed) : IClassFixture<PackedOnce>, IDisposable
{
    private const int LargestTool = 80_000_000;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("LiteVae.MLNet")]
    [InlineData("LiteVae.Training")]
    public void A_package_shows_what_it_is_and_can_be_stepped_into(string id)
    {
        using var package = ZipFile.OpenRead(packed[id]);
        var metadata = XDocument.Load(package.GetEntry($"{id}.nuspec")!.Open()).Root!.Elements().Single();
        var members = metadata.Elements().ToDictionary(member => member.Name.LocalName, member => member.Value);
        Assert.Equal(("MIT", "README.md", "icon.png"), (members["license"], members["readme"], members["icon"]));
        Assert.All(new[] { "description", "authors", "tags", "copyright" }, name => Assert.NotEmpty(members[name]));
        Assert.All(new[] { "README.md", "icon.png", $"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml" }, name => Assert.NotNull(package.GetEntry(name)));
        using var symbols = ZipFile.OpenRead(packed[id, "snupkg"]);
        Assert.NotNull(symbols.GetEntry($"lib/net10.0/{id}.pdb"));
        Assert.Equal(id == "LiteVae.MLNet", package.Entries.Any(entry => entry.FullName.StartsWith("models/litevae-s-f8c12/vae_encoder/", StringComparison.Ordinal)));
        Assert.Equal(id == "LiteVae.Training", package.GetEntry("models/litevae-s-f8c12/model.safetensors") is not null);
    }

    [Fact]
    public async Task The_example_of_the_readme_runs_in_a_fresh_project()
    {
        var example = File.ReadAllText(Path.Combine(SharedData.Repository, "samples", "01-pipeline.cs")).Split("// README:begin pipeline")[1].Split("// README:end")[0];
        var readme = File.ReadAllText(Path.Combine(SharedData.Repository, "README.md"));
        Project(example, "LiteVae.MLNet", [.. AddedPackage().Matches(readme).Select(line => line.Groups["id"].Value).Where(id => id != "LiteVae.MLNet")]);
        Directory.CreateDirectory(_folder.At("app/samples"));
        Directory.CreateSymbolicLink(_folder.At("app/samples/photos"), Path.Combine(SharedData.Repository, "samples", "photos"));

        var result = (await PackedOnce.Dotnet(_folder.At("app"), "run", "-c", "Release")).Expect(0);
        Assert.Contains("samples/photos/chelsea.jpg: 12288 values", result.Out, StringComparison.Ordinal); // 12 x 32 x 32
    }

    [Fact]
    public async Task A_fresh_project_trains()
    {
        Project(
            """
            using LiteVae.Training;
            using Microsoft.ML;

            var ml = new MLContext(seed: 0);
            var photos = ml.Data.LoadFromEnumerable(Directory.GetFiles(args[0], "*.jpg").Select(path => new { Path = path }));
            ml.LiteVae().Train("Latent", "Path", new LiteVaeTrainOptions
            {
                Trainer = new LiteVaeTrainerOptions
                {
                    Output = "run", StartFrom = "litevae-s-f8c12", Architecture = TrainingRecipe.Get("small").Architecture, Stages = [new TrainingStage { Resolution = 32, Steps = 2, BatchSize = 2 }],
                },
            }).Fit(photos);
            """,
            "LiteVae.Training",
            ["Microsoft.ML.OnnxRuntime", OperatingSystem.IsLinux() ? "libtorch-cpu-linux-x64" : OperatingSystem.IsMacOS() ? "libtorch-cpu-osx-arm64" : "libtorch-cpu-win-x64"]);
        (await PackedOnce.Dotnet(_folder.At("app"), "run", "-c", "Release", "--", Path.Combine(SharedData.Repository, "samples", "photos"))).Expect(0);
        Assert.NotEmpty(Directory.GetFileSystemEntries(_folder.At("app/run/checkpoints")));
    }

    [Fact]
    public async Task The_tool_is_small_and_runs_models_at_once_and_trains_with_a_libtorch_that_is_named()
    {
        var tools = Directory.GetFiles(packed.Folder, "litevae*.nupkg").Where(path => !Path.GetFileName(path).StartsWith("LiteVae", StringComparison.Ordinal)).ToList();
        Assert.Equal(5, tools.Count); // four systems, and the one that names them
        Assert.All(tools, path => Assert.InRange(new FileInfo(path).Length, 1, LargestTool));
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.Is64BitProcess, "LITEVAE_LIBTORCH is for Linux");
        (await PackedOnce.Dotnet(_folder.Root, "tool", "install", "litevae", "--tool-path", _folder.At("bin"), "--version", packed.Version, "--source", packed.Folder)).Expect(0);
        var photos = Path.Combine(SharedData.Repository, "samples", "photos");

        // what needs no libtorch works at once
        (await Tool(null, "reconstruct", photos, "--out", _folder.At("pictures"), "--size", "64")).Expect(0);
        Assert.True(File.Exists(_folder.At("pictures/report.html")));
        (await Tool(null, "encode", photos, "--out", _folder.At("store"), "--size", "64")).Expect(0);
        (await Tool(null, "latents", "stats", _folder.At("store"))).Expect(0);
        Assert.Contains("Parts and multiply-adds are not told: libtorch is not beside the program", (await Tool(null, "info")).Expect(0).Out, StringComparison.Ordinal);
        Assert.Contains("libtorch is not beside the program", (await Tool(null, "info", "--preset", "S")).Expect(2).Error, StringComparison.Ordinal);
        Assert.Contains("none libtorch: ", (await Tool(null, "doctor")).Expect(0).Out, StringComparison.Ordinal);

        // what needs it says how to get it, and works with what it says
        string[] train = ["train", "--data", photos, "--options", _folder.Write("two-steps.json", """{ "Stages": [{ "Resolution": 32, "Steps": 2, "BatchSize": 2 }] }""")];
        var refused = (await Tool(null, [.. train, "--out", _folder.At("run")])).Expect(2);
        Assert.Contains("dotnet package download libtorch-cpu-linux-x64@", refused.Error, StringComparison.Ordinal);
        Assert.Contains("set LITEVAE_LIBTORCH to", refused.Error, StringComparison.Ordinal);
        var native = Path.GetDirectoryName(Litevae.Program) + "/runtimes/linux-x64/native";
        (await Tool(native, [.. train, "--out", _folder.At("run")])).Expect(0);
        (await Tool(native, [.. train, "--out", _folder.At("further"), "--from", "litevae-s-f8c12"])).Expect(0);
    }

    [Theory]
    [InlineData("src/LiteVae.Cli")]
    [InlineData("bench/LiteVae.Benchmarks")]
    public async Task Built_for_a_GPU_a_program_references_its_packages_and_not_those_for_the_processor(string project)
    {
        var found = (await PackedOnce.Dotnet(SharedData.Repository, "msbuild", project, "-p:Accelerator=cuda", "-getItem:PackageReference")).Expect(0);
        using var json = JsonDocument.Parse(found.Out);
        var packages = json.RootElement.GetProperty("Items").GetProperty("PackageReference").EnumerateArray().Select(item => item.GetProperty("Identity").GetString()).ToList();
        Assert.Contains("Microsoft.ML.OnnxRuntime.Gpu", packages);
        Assert.Contains(OperatingSystem.IsWindows() ? "TorchSharp-cuda-windows" : "TorchSharp-cuda-linux", packages);
        Assert.DoesNotContain("Microsoft.ML.OnnxRuntime", packages);
        Assert.DoesNotContain(packages, package => package!.StartsWith("libtorch-cpu", StringComparison.Ordinal));
    }

    [GeneratedRegex("^dotnet add package (?<id>\\S+)", RegexOptions.Multiline)]
    private static partial Regex AddedPackage();

    private Task<Litevae.Result> Tool(string? libtorch, params string[] arguments) =>
        Litevae.Finish(Litevae.StartProgram(_folder.At("bin/litevae"), arguments, _folder.Root, libtorch is null ? null : new() { ["LITEVAE_LIBTORCH"] = libtorch }));

    /// <summary>Writes a project that references a package of ours and the native ones it asks for.</summary>
    private void Project(string program, string package, string[] natives)
    {
        _folder.Write("app/Program.cs", program);
        _folder.Write("app/nuget.config", $"""<configuration><packageSources><add key="packed" value="{packed.Folder}" /></packageSources></configuration>""");
        var versions = XDocument.Load(Path.Combine(SharedData.Repository, "Directory.Packages.props"));
        var references = natives.Select(id => $"""<PackageReference Include="{id}" Version="{VersionOf(id)}" />""");
        _folder.Write("app/app.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><Nullable>enable</Nullable></PropertyGroup>
              <ItemGroup><PackageReference Include="{package}" Version="{packed.Version}" />{string.Concat(references)}</ItemGroup>
            </Project>
            """);

        string VersionOf(string id)
        {
            var found = versions.Descendants("PackageVersion").Single(item => item.Attribute("Include")!.Value == id).Attribute("Version")!.Value;
            return found.StartsWith('$') ? versions.Descendants(found[2..^1]).Single().Value : found;
        }
    }
}
