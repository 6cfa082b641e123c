using System.Text.Json.Nodes;

namespace LiteVae.Notebooks.Tests;

/// <summary>The file: how it is read, refused, written and compared.</summary>
public sealed class NotebookFileTests
{
    public static TheoryData<string, string> Broken => new()
    {
        { "{ \"cells\": [", "not a notebook that can be run" },
        { "[]", "its JSON is not an object" },
        { With(root => root["nbformat"] = 3), "its format is 3.5, and 4.5 is needed" },
        { With(root => root["nbformat_minor"] = 4), "its format is 4.4" },
        { With(root => root["metadata"]!["kernelspec"]!["language"] = "python"), "its kernel's language is 'python', and C# is needed" },
        { With(root => root["cells"] = 1), "it has no list of cells" },
        { With(root => root["cells"]![1]!.AsObject().Remove("id")), "cell 2 has no id" },
        { With(root => root["cells"]![1]!["cell_type"] = "poem"), "cell 2 is of the kind 'poem'" },
        { With(root => root["cells"]![0]!["source"] = new JsonArray(1)), "cell 1 has no source" },
        { With(root => root["cells"]![0]!.AsObject().Remove("outputs")), "cell 1 is code without a list of outputs" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task A_file_that_is_no_notebook_is_refused_with_the_reason(string text, string reason)
    {
        using var notebook = new SmallNotebook();
        File.WriteAllText(notebook.Path, text);

        var error = Assert.Throws<InvalidDataException>(() => Notebook.Read(notebook.Path)).Message;
        Assert.StartsWith(notebook.Path, error, StringComparison.Ordinal);
        Assert.Contains(reason, error, StringComparison.Ordinal);
        Assert.Equal(2, await NotebookCommand.Run(["run", notebook.Path]));
        Assert.Equal(text, File.ReadAllText(notebook.Path));
    }

    [Fact]
    public async Task A_run_is_written_as_jupyter_writes_and_the_same_run_gives_the_same_bytes()
    {
        using var notebook = new SmallNotebook("Console.WriteLine(\"ä < 1\");");
        Assert.Equal(0, await NotebookCommand.Run(["run", notebook.Path]));
        var first = File.ReadAllText(notebook.Path);
        Assert.Equal(
            """
            {
             "cells": [
              {
               "cell_type": "code",
               "execution_count": 1,
               "id": "c0",
               "metadata": {},
               "outputs": [
                {
                 "name": "stdout",
                 "output_type": "stream",
                 "text": [
                  "ä < 1\n"
                 ]
                }
               ],
               "source": "Console.WriteLine(\"ä < 1\");"
              }
             ],
             "metadata": {
              "kernelspec": {
               "display_name": ".NET (C#)",
               "language": "C#",
               "name": ".net-csharp"
              }
             },
             "nbformat": 4,
             "nbformat_minor": 5
            }

            """.ReplaceLineEndings("\n"), first);

        Assert.Equal(0, await NotebookCommand.Run(["run", notebook.Path]));
        Assert.Equal(first, File.ReadAllText(notebook.Path));
    }

    [Fact]
    public async Task A_failed_cell_and_wrong_usage_have_their_exit_codes()
    {
        using var notebook = new SmallNotebook("throw new Exception();");
        Assert.Equal(1, await NotebookCommand.Run(["run", notebook.Path]));
        Assert.Equal(2, await NotebookCommand.Run(["run", notebook.Folder.At("none.ipynb")]));
        Assert.Equal(2, await NotebookCommand.Run(["run"]));
        Assert.Equal(2, await NotebookCommand.Run(["look", notebook.Path]));
    }

    [Fact]
    public async Task Checking_runs_at_reduced_size_compares_what_is_shown_and_writes_nothing()
    {
        using var notebook = new SmallNotebook($"Console.WriteLine(Environment.GetEnvironmentVariable(\"{NotebookRun.ReducedVariable}\") ?? \"full\");", "display(1)");
        var unsaved = File.ReadAllText(notebook.Path);
        Assert.Equal(
            ["cell 1: it has [] saved, and shows [stream stdout]: run the notebook to save it.", "cell 2: it has [] saved, and shows [display_data text/plain]: run the notebook to save it."],
            (await NotebookRun.Check(Notebook.Read(notebook.Path))).Faults);
        Assert.Equal(unsaved, File.ReadAllText(notebook.Path));

        var (_, cells) = await notebook.Run();
        Assert.Equal("full\n", SmallNotebook.Text(cells[0].Outputs[0]!["text"]));
        Assert.Equal(0, await NotebookCommand.Run(["check", notebook.Path]));
    }

    private static string With(Action<JsonObject> change)
    {
        var root = SmallNotebook.Json("1", "2");
        change(root);
        return root.ToJsonString();
    }
}
