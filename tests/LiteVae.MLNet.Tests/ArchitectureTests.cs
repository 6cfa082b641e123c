using System.Text.RegularExpressions;
using LiteVae.Tests.Shared;

namespace LiteVae.Tests;

/// <summary>The directions in which the source may refer: a folder knows those to its left only.</summary>
public partial class ArchitectureTests
{
    /// <summary>The folders of the library that runs models, each with those it may refer to besides itself.</summary>
    private static readonly Dictionary<string, string[]> MayReferTo = new()
    {
        ["Formats"] = [],
        ["Images"] = ["Formats"],
        ["Inference"] = ["Formats", "Images"],
        ["Latents"] = ["Formats", "Images", "Inference"],
        ["Quality"] = ["Formats", "Images", "Inference"],
        ["Reports"] = ["Formats", "Images", "Inference", "Quality"],
        ["Transforms"] = ["Formats", "Images", "Inference", "Latents", "Quality"],
    };

    [Fact]
    public void No_folder_refers_to_one_to_its_right()
    {
        var files = SourceFiles("src/LiteVae.MLNet");
        var declared = files.Where(file => MayReferTo.ContainsKey(file.Folder))
            .SelectMany(file => TypeDeclaration().Matches(file.Code).Select(match => (Type: match.Groups["name"].Value, file.Folder)))
            .Distinct()
            .ToLookup(declaration => declaration.Folder, declaration => declaration.Type);
        Assert.Contains("SafetensorsReader", declared["Formats"]);
        Assert.Contains("ImageDecoder", declared["Images"]);

        var faults =
            from file in files
            where MayReferTo.ContainsKey(file.Folder)
            from folder in MayReferTo.Keys.Except(MayReferTo[file.Folder]).Where(folder => folder != file.Folder)
            from type in declared[folder].Except(declared[file.Folder])
            where Regex.IsMatch(file.Code, $@"(?<![\w.]){Regex.Escape(type)}\b")
            select $"{file.Path} refers to {type} of {folder}";

        Assert.Empty(faults);
    }

    [Fact]
    public void Every_folder_has_its_place_in_the_order()
    {
        var folders = SourceFiles("src/LiteVae.MLNet").Select(file => file.Folder).Where(folder => folder.Length > 0).Distinct();
        Assert.Empty(folders.Except(MayReferTo.Keys));
    }

    [Fact]
    public void Only_the_transforms_and_the_catalog_use_ML_NETs_namespaces()
    {
        var faults = SourceFiles("src/LiteVae.MLNet")
            .Where(file => file.Folder != "Transforms" && file.Path != "LiteVaeCatalog.cs")
            .Where(file => MlNetNamespace().IsMatch(file.Code))
            .Select(file => file.Path);
        Assert.Empty(faults);
    }

    [Fact]
    public void Only_inference_uses_ONNX_Runtime()
    {
        var faults = SourceFiles("src/LiteVae.MLNet")
            .Where(file => file.Folder != "Inference" && file.Code.Contains("Microsoft.ML.OnnxRuntime", StringComparison.Ordinal))
            .Select(file => file.Path);
        Assert.Empty(faults);
    }

    [Fact]
    public void Only_the_training_project_uses_TorchSharp()
    {
        var faults = new[] { "src/LiteVae.MLNet", "src/LiteVae.Cli" }
            .SelectMany(project => SourceFiles(project).Select(file => (Project: project, File: file)))
            .Where(at => TorchSharpNamespace().IsMatch(at.File.Code))
            .Select(at => $"{at.Project}/{at.File.Path}");
        Assert.Empty(faults);
    }

    [Fact]
    public void The_library_that_runs_models_does_not_depend_on_libtorch()
    {
        var references = typeof(RgbImage).Assembly.GetReferencedAssemblies().Select(assembly => assembly.Name);
        Assert.DoesNotContain("TorchSharp", references);
    }

    /// <summary>The C# files of a project: path and first folder below it, and the code without comments and texts.</summary>
    private static List<(string Path, string Folder, string Code)> SourceFiles(string project)
    {
        var root = Path.Combine(SharedData.Repository, project);
        return [.. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(root, file).Replace('\\', '/'))
            .Where(path => !path.StartsWith("obj/", StringComparison.Ordinal) && !path.StartsWith("bin/", StringComparison.Ordinal))
            .Select(path => (path, path.Contains('/') ? path[..path.IndexOf('/')] : "", CommentsAndTexts().Replace(File.ReadAllText(Path.Combine(root, path)), "")))];
    }

    [GeneratedRegex(@"\b(?:class|struct|interface|enum|record(?:\s+struct|\s+class)?|delegate\s+[\w<>\[\]?,]+)\s+(?<name>[A-Z]\w*)")]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"\bMicrosoft\.ML\b(?!\.OnnxRuntime)")]
    private static partial Regex MlNetNamespace();

    [GeneratedRegex(@"\busing\s+(?:static\s+)?TorchSharp\b|\bTorchSharp\.[A-Za-z]")]
    private static partial Regex TorchSharpNamespace();

    /// <summary>Line and block comments and plain string literals; interpolated strings stay, since they hold code.</summary>
    [GeneratedRegex(@"//[^\n]*|/\*.*?\*/|(?<!\$)""(?:\\.|[^""\\\n])*""", RegexOptions.Singleline)]
    private static partial Regex CommentsAndTexts();
}
