namespace LiteVae.Notebooks;

/// <summary>What came of running a notebook.</summary>
/// <param name="Cells">Cells of code that were run.</param>
/// <param name="Faults">What is wrong, a sentence each with the cell's number among the cells of code; empty where nothing is.</param>
internal sealed record NotebookRun(int Cells, IReadOnlyList<string> Faults)
{
    /// <summary>Cells read it and do less of the same where it is 1.</summary>
    public const string ReducedVariable = "LITEVAE_NOTEBOOK_REDUCED";

    /// <summary>Runs the cells up to the first that fails and saves what they showed, the error too.</summary>
    public static async Task<NotebookRun> RunAndSave(Notebook notebook)
    {
        var (run, outputs) = await Execute(notebook, reduced: false);
        for (var i = 0; i < notebook.CodeCells.Count; i++)
        {
            notebook.CodeCells[i].Replace(i < outputs.Count ? outputs[i].ToJson() : [], i < outputs.Count ? i + 1 : null);
        }

        notebook.Save();
        return run;
    }

    /// <summary>Runs the cells at reduced size and compares the kinds of what they show with what is saved.</summary>
    public static async Task<NotebookRun> Check(Notebook notebook)
    {
        var (run, outputs) = await Execute(notebook, reduced: true);
        var faults = run.Faults.ToList();
        foreach (var (number, cell, fresh) in notebook.CodeCells.Zip(outputs).Select((pair, index) => (index + 1, pair.First, CodeCell.Kinds(pair.Second.ToJson()))))
        {
            if (!cell.OutputKinds.SequenceEqual(fresh))
            {
                faults.Add($"cell {number}: it has [{string.Join(", ", cell.OutputKinds)}] saved, and shows [{string.Join(", ", fresh)}]: run the notebook to save it.");
            }
        }

        return run with { Faults = faults };
    }

    private static async Task<(NotebookRun Run, List<CellOutputs> Outputs)> Execute(Notebook notebook, bool reduced)
    {
        var before = (Folder: Directory.GetCurrentDirectory(), Reduced: Environment.GetEnvironmentVariable(ReducedVariable));
        var folder = Path.GetDirectoryName(notebook.Path)!;
        var outputs = new List<CellOutputs>();
        try
        {
            // as Jupyter does, so that cells name files from where their notebook lies
            Directory.SetCurrentDirectory(folder);
            Environment.SetEnvironmentVariable(ReducedVariable, reduced ? "1" : null);
            using var console = new CellConsole();
            using var kernel = new CellKernel(folder);
            foreach (var (cell, number) in notebook.CodeCells.Select((cell, index) => (cell, index + 1)))
            {
                var (shown, error) = await kernel.Run(cell.Source, number);
                outputs.Add(shown);
                if (error is not null)
                {
                    return (new NotebookRun(outputs.Count, [$"cell {number}: {error}"]), outputs);
                }
            }

            return (new NotebookRun(outputs.Count, []), outputs);
        }
        finally
        {
            Directory.SetCurrentDirectory(before.Folder);
            Environment.SetEnvironmentVariable(ReducedVariable, before.Reduced);
        }
    }
}
