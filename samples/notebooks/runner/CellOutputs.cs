using System.Text.Json.Nodes;

namespace LiteVae.Notebooks;

/// <summary>What a cell shows, in order, as the file has it. Cells may show things from any thread.</summary>
internal sealed class CellOutputs
{
    private readonly Lock _lock = new();
    private readonly List<(string? Stream, JsonObject Output)> _outputs = [];

    /// <summary>Text on <c>stdout</c> or <c>stderr</c>; what follows on the same stream joins it.</summary>
    public void Write(string stream, string text)
    {
        lock (_lock)
        {
            if (_outputs is [.., var last] && last.Stream == stream)
            {
                last.Output["text"] = Lines(string.Concat(last.Output["text"]!.AsArray().Select(line => (string?)line)) + text);
                return;
            }

            _outputs.Add((stream, new JsonObject { ["name"] = stream, ["output_type"] = "stream", ["text"] = Lines(text) }));
        }
    }

    /// <summary>Something on display.</summary>
    public void Display(JsonObject data) => Add(new JsonObject { ["data"] = data, ["metadata"] = new JsonObject(), ["output_type"] = "display_data" });

    /// <summary>The value of the cell's last expression.</summary>
    public void Result(JsonObject data, int number) =>
        Add(new JsonObject { ["data"] = data, ["execution_count"] = number, ["metadata"] = new JsonObject(), ["output_type"] = "execute_result" });

    /// <summary>The error that ended the cell.</summary>
    public void Error(string name, string message, string trace) => Add(new JsonObject
    {
        ["ename"] = name, ["evalue"] = message, ["output_type"] = "error", ["traceback"] = new JsonArray([.. trace.ReplaceLineEndings("\n").Split('\n').Select(line => JsonValue.Create(line))]),
    });

    /// <summary>All of it.</summary>
    public JsonArray ToJson()
    {
        lock (_lock)
        {
            return [.. _outputs.Select(output => output.Output.DeepClone())];
        }
    }

    /// <summary>A text as the format has it: a list of lines with their ends.</summary>
    public static JsonArray Lines(string text)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        return [.. lines.Select((line, index) => index < lines.Length - 1 ? line + '\n' : line).Where(line => line.Length > 0).Select(line => JsonValue.Create(line))];
    }

    private void Add(JsonObject output)
    {
        lock (_lock)
        {
            _outputs.Add((null, output));
        }
    }
}
