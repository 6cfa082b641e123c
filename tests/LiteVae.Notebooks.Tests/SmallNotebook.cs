using System.Text.Json.Nodes;
using LiteVae.Tests;

namespace LiteVae.Notebooks.Tests;

/// <summary>A notebook of a few cells of code in a folder of its own.</summary>
internal sealed class SmallNotebook : IDisposable
{
    public SmallNotebook(params string[] cells) => Path = Folder.Write("small.ipynb", Json(cells).ToJsonString());

    public TemporaryFolder Folder { get; } = new();

    public string Path { get; }

    public void Dispose() => Folder.Dispose();

    /// <summary>A notebook's JSON, for tests that break it.</summary>
    public static JsonObject Json(params string[] cells) => new()
    {
        ["nbformat"] = 4,
        ["nbformat_minor"] = 5,
        ["metadata"] = new JsonObject { ["kernelspec"] = new JsonObject { ["display_name"] = ".NET (C#)", ["language"] = "C#", ["name"] = ".net-csharp" } },
        ["cells"] = new JsonArray([.. cells.Select((code, i) => new JsonObject
        {
            ["cell_type"] = "code", ["id"] = $"c{i}", ["metadata"] = new JsonObject(), ["source"] = code, ["outputs"] = new JsonArray(), ["execution_count"] = null,
        })]),
    };

    /// <summary>Runs it, saves it, and reads what was saved.</summary>
    public async Task<(NotebookRun Run, IReadOnlyList<CodeCell> Cells)> Run()
    {
        var run = await NotebookRun.RunAndSave(Notebook.Read(Path));
        return (run, Notebook.Read(Path).CodeCells);
    }

    /// <summary>The outputs of one cell's code, which must not fail.</summary>
    public static async Task<JsonArray> Outputs(string code)
    {
        using var notebook = new SmallNotebook(code);
        var (run, cells) = await notebook.Run();
        Assert.Empty(run.Faults);
        return cells[0].Outputs;
    }

    /// <summary>A text of the file, which has it in lines.</summary>
    public static string Text(JsonNode? lines) => string.Concat(lines!.AsArray().Select(line => (string?)line));
}
