using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace LiteVae.Cli.Commands;

/// <summary>Sets one value in a tree of options by its path, such as <c>Stages[0].Steps=1000</c>.</summary>
internal static partial class OptionPath
{
    /// <summary>Carries out an assignment.</summary>
    /// <param name="options">All options, every one of them present.</param>
    /// <param name="assignment">PATH=VALUE; VALUE is JSON, or a text as it stands.</param>
    /// <exception cref="ArgumentException">There is no such option; the message names those that there are.</exception>
    public static void Set(JsonObject options, string assignment)
    {
        var equals = assignment.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1)
        {
            throw new ArgumentException($"--set takes PATH=VALUE, such as Stages[0].Steps=1000; it has '{assignment}'.");
        }

        var (path, value) = (assignment[..equals], assignment[(equals + 1)..]);
        if (!Path().IsMatch(path))
        {
            throw new ArgumentException($"--set {assignment}: '{path}' is not a path of names and [numbers], such as Stages[0].Steps.");
        }

        JsonNode node = options;
        var walked = "";
        var steps = Step().Matches(path).Select(match => match.Value).ToList();
        foreach (var step in steps.SkipLast(1))
        {
            node = Get(node, Find(node, step)) ?? throw new ArgumentException($"--set {assignment}: {walked}{step} is null and holds nothing that could be set.");
            walked += $"{step}.";
        }

        var last = Find(node, steps[^1]);
        if (last is (null, var position))
        {
            node[position] = Parse(value);
        }
        else
        {
            node[last.Name!] = Parse(value);
        }

        (string? Name, int Index) Find(JsonNode parent, string step)
        {
            if (int.TryParse(step.Trim('[', ']'), out var index) && step[0] == '[')
            {
                return parent is JsonArray array && index < array.Count
                    ? (null, index)
                    : throw new ArgumentException($"--set {assignment}: there is no {Clean(walked)}[{index}]: {(parent is JsonArray { Count: var count } ? $"{Clean(walked)} has {count} entries, numbered from 0" : $"{Clean(walked)} is not a list")}.");
            }

            var names = parent is JsonObject options ? options.Select(option => option.Key).ToList() : [];
            var name = names.Find(name => name.Equals(step, StringComparison.OrdinalIgnoreCase));
            return name is not null
                ? (name, 0)
                : throw new ArgumentException($"--set {assignment}: there is no option '{step}'{(walked.Length > 0 ? $" in {Clean(walked)}" : "")}; there {(names.Count > 0 ? $"are {string.Join(", ", names)}" : "is nothing to set in it")}.");
        }
    }

    private static JsonNode? Get(JsonNode parent, (string? Name, int Index) key) => key.Name is { } name ? parent[name] : parent[key.Index];

    private static string Clean(string walked) => walked.TrimEnd('.').Replace(".[", "[", StringComparison.Ordinal);

    private static JsonNode? Parse(string value)
    {
        try
        {
            return JsonNode.Parse(value);
        }
        catch (JsonException)
        {
            return JsonValue.Create(value); // a text without its quotation marks
        }
    }

    [GeneratedRegex(@"^[A-Za-z]\w*(\[\d{1,6}\])*(\.[A-Za-z]\w*(\[\d{1,6}\])*)*$")]
    private static partial Regex Path();

    [GeneratedRegex(@"[A-Za-z]\w*|\[\d+\]")]
    private static partial Regex Step();
}
