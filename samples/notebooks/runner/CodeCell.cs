using System.Text.Json.Nodes;

namespace LiteVae.Notebooks;

/// <summary>A cell of code in its notebook.</summary>
internal sealed class CodeCell(JsonObject cell)
{
    /// <summary>The code.</summary>
    public string Source { get; } = cell["source"] is JsonArray lines ? string.Concat(lines.Select(line => (string?)line)) : (string?)cell["source"] ?? "";

    /// <summary>What was saved with the cell.</summary>
    public JsonArray Outputs => cell["outputs"]!.AsArray();

    /// <summary>The kinds of what was saved: <c>stream stdout</c>, <c>display_data image/png</c>.</summary>
    public IReadOnlyList<string> OutputKinds => Kinds(Outputs);

    /// <summary>The kinds of outputs.</summary>
    public static IReadOnlyList<string> Kinds(JsonArray outputs) => [.. outputs.Select(output =>
        string.Join(' ', output!["data"]?.AsObject().Select(data => data.Key).Order(StringComparer.Ordinal).Prepend((string)output["output_type"]!)
            ?? [(string)output["output_type"]!, (string?)output["name"] ?? ""]))];

    /// <summary>Puts outputs in place of those that were saved.</summary>
    /// <param name="outputs">The outputs.</param>
    /// <param name="number">How many cells of code had run with this one; null for a cell that has not run.</param>
    public void Replace(JsonArray outputs, int? number)
    {
        cell["outputs"] = outputs;
        cell["execution_count"] = number;
    }
}
