using System.Text.Json;
using System.Text.RegularExpressions;

namespace LiteVae.Notebooks;

/// <summary>The lines <c>#r "nuget: NAME"</c>, which .NET Interactive restores from NuGet. Here the packages are what this program was built with.</summary>
internal static partial class PackageLines
{
    /// <summary>The code with those lines empty, so that all others keep their numbers.</summary>
    /// <exception cref="InvalidDataException">A package is not among this program's own.</exception>
    public static string Remove(string code) => Line().Replace(code, line =>
    {
        var name = line.Groups["name"].Value;
        return Known.Value.Contains(name) ? "" : throw new InvalidDataException($"The cell asks for the package {name}, which the runner does not reference.");
    });

    private static Lazy<HashSet<string>> Known { get; } = new(() => ((string?)AppContext.GetData("APP_CONTEXT_DEPS_FILES") ?? "")
        .Split(';', StringSplitOptions.RemoveEmptyEntries).Where(File.Exists).SelectMany(Libraries).ToHashSet(StringComparer.OrdinalIgnoreCase));

    private static List<string> Libraries(string dependencies)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(dependencies));
        return [.. json.RootElement.GetProperty("libraries").EnumerateObject().Select(library => library.Name.Split('/')[0])];
    }

    [GeneratedRegex("""^[ \t]*#r[ \t]+"nuget:[ \t]*(?<name>[\w.-]+)[^"\n]*"[ \t]*$""", RegexOptions.Multiline)]
    private static partial Regex Line();
}
