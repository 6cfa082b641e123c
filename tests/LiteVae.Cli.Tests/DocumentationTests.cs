using System.Text.RegularExpressions;
using LiteVae.Tests;
using LiteVae.Tests.Shared;

namespace LiteVae.Cli.Tests;

/// <summary>What README and docs show is what compiles and runs.</summary>
public sealed partial class DocumentationTests
{
    /// <summary>Commands that are cheap enough to be run as they stand.</summary>
    private static readonly string[] Cheap = ["reconstruct", "encode", "eval", "info", "doctor"];

    public static TheoryData<string> Documents =>
        [.. new[] { "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "samples/README.md", "src/LiteVae.MLNet/README.md", "src/LiteVae.Training/README.md", "src/LiteVae.Cli/README.md" }.Concat(Below("docs", "*.md")).Where(document => File.Exists(At(document)))];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_block_of_csharp_is_a_region_of_compiled_code(string document)
    {
        var regions = Below("samples", "*.cs").Concat(Below("tests", "*.cs")).Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(file => Region().Matches(Read(file)).Select(match => Outdented(match.Groups["code"].Value))).ToList();
        Assert.All(Blocks(document, "csharp"), block => Assert.Contains(Outdented(block), regions));
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_command_is_one_that_the_program_knows(string document) => Assert.All(
        Commands(document), command => Assert.Empty(CommandLine.Create().Parse(Words(command)).Errors.Select(error => $"{command}: {error.Message}")));

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task Every_cheap_command_does_what_it_is_there_for(string document)
    {
        using var folder = new TemporaryFolder();
        foreach (var command in Commands(document).Where(command => Cheap.Contains(Words(command)[0]) && !command.Contains("runs/", StringComparison.Ordinal)))
        {
            var arguments = Words(command).Select(word => word == "out" || word.StartsWith("out/", StringComparison.Ordinal) ? folder.At(word) : word).ToArray();
            (await Litevae.Finish(Litevae.StartDotnet([Litevae.Program, .. arguments], SharedData.Repository))).Expect(0);
        }
    }

    private static string At(string relative) => Path.Combine(SharedData.Repository, relative);

    private static string Read(string relative) => File.ReadAllText(At(relative)).ReplaceLineEndings("\n");

    private static IEnumerable<string> Below(string folder, string pattern) => Directory.Exists(At(folder))
        ? Directory.EnumerateFiles(At(folder), pattern, SearchOption.AllDirectories).Select(file => Path.GetRelativePath(SharedData.Repository, file).Replace('\\', '/')).Order(StringComparer.Ordinal)
        : [];

    private static IEnumerable<string> Blocks(string document, string language) =>
        Block().Matches(Read(document)).Where(match => match.Groups["language"].Value == language).Select(match => match.Groups["code"].Value);

    /// <summary>The program's command lines, without what starts it (from a checkout, or installed) and without comments.</summary>
    private static List<string> Commands(string document) =>
        [.. Blocks(document, "sh").SelectMany(block => block.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n')).Select(line => line.Split(" #")[0].Trim())
            .Select(line => Start().Match(line)).Where(start => start.Success).Select(start => start.Groups["command"].Value)];

    private static string[] Words(string command) => [.. Word().Matches(command).Select(match => match.Value.Trim('"', '\''))];

    /// <summary>The code without the indentation that all of its lines have.</summary>
    private static string Outdented(string code)
    {
        var lines = code.Split('\n').Select(line => line.TrimEnd()).ToList();
        var indent = lines.Where(line => line.Length > 0).Select(line => line.Length - line.TrimStart().Length).DefaultIfEmpty().Min();
        return string.Join('\n', lines.Select(line => line.Length == 0 ? line : line[indent..])).Trim('\n');
    }

    [GeneratedRegex(@"^```(?<language>\w+)\n(?<code>.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^(dotnet run --project src/LiteVae\.Cli -c Release -- |(\S.* )?litevae )(?<command>.+)$")]
    private static partial Regex Start();

    [GeneratedRegex(@"^ *// README:begin[^\n]*\n(?<code>.*?)^ *// README:end", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Region();

    [GeneratedRegex("\"[^\"]*\"|'[^']*'|\\S+")]
    private static partial Regex Word();
}
