using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LiteVae.Notebooks;

/// <summary>An .ipynb file, format 4.5. What is not a code cell's output stays as it was read.</summary>
internal sealed class Notebook
{
    private const int Major = 4;
    private const int Minor = 5; // the first whose cells have ids

    // as Jupyter writes: one space a level, keys in order, text as it is; a saved run differs from the last in its outputs alone
    private static readonly JsonWriterOptions Layout = new() { Indented = true, IndentCharacter = ' ', IndentSize = 1, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly JsonObject _root;

    private Notebook(string path, JsonObject root)
    {
        Path = System.IO.Path.GetFullPath(path);
        _root = root;
        CodeCells = [.. root["cells"]!.AsArray().Select(cell => cell!.AsObject()).Where(cell => (string?)cell["cell_type"] == "code").Select(cell => new CodeCell(cell))];
    }

    /// <summary>The file's full path.</summary>
    public string Path { get; }

    /// <summary>The cells that hold code, in order.</summary>
    public IReadOnlyList<CodeCell> CodeCells { get; }

    /// <summary>Reads a notebook of C#.</summary>
    /// <exception cref="InvalidDataException">The file is no notebook, of another format, or of another language.</exception>
    public static Notebook Read(string path)
    {
        try
        {
            var root = JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? throw new InvalidDataException("its JSON is not an object");
            RequireFormat(root);
            return new Notebook(path, root);
        }
        catch (Exception e) when (e is JsonException or InvalidDataException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"{path}: not a notebook that can be run: {e.Message.TrimEnd('.')}.", e);
        }
    }

    /// <summary>Writes the notebook over its file, which is whole at any moment.</summary>
    public void Save() => AtomicFile.Write(Path, stream =>
    {
        using (var writer = new Utf8JsonWriter(stream, Layout))
        {
            Sorted(_root)!.WriteTo(writer);
        }

        stream.WriteByte((byte)'\n');
    });

    private static void RequireFormat(JsonObject root)
    {
        Require((int?)root["nbformat"] == Major && (int?)root["nbformat_minor"] >= Minor, $"its format is {root["nbformat"]}.{root["nbformat_minor"]}, and {Major}.{Minor} is needed");
        Require((string?)root["metadata"]?["kernelspec"]?["language"] == "C#", $"its kernel's language is '{root["metadata"]?["kernelspec"]?["language"]}', and C# is needed");
        Require(root["cells"] is JsonArray, "it has no list of cells");
        foreach (var (node, number) in root["cells"]!.AsArray().Select((node, index) => (node, index + 1)))
        {
            Require(node is JsonObject, $"cell {number} is not an object");
            var kind = (string?)node!["cell_type"];
            Require(kind is "code" or "markdown" or "raw", $"cell {number} is of the kind '{kind}'");
            Require(node["id"] is JsonValue, $"cell {number} has no id");
            Require(node["source"] is JsonArray lines ? lines.All(IsText) : IsText(node["source"]), $"cell {number} has no source");
            Require(kind != "code" || node["outputs"] is JsonArray, $"cell {number} is code without a list of outputs");
        }
    }

    private static bool IsText(JsonNode? node) => node is JsonValue && node.GetValueKind() == JsonValueKind.String;

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidDataException(otherwise);
        }
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
