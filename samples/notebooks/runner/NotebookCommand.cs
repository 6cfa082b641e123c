namespace LiteVae.Notebooks;

/// <summary>The command line.</summary>
internal static class NotebookCommand
{
    private const string Usage =
        """
        Usage: run NOTEBOOK...    runs the cells and saves what they show
               check NOTEBOOK...  runs them at reduced size, saves nothing, and compares with what is saved
        """;

    /// <summary>Does what the arguments say.</summary>
    /// <returns>0: all is well; 1: a cell failed, or shows something else than is saved; 2: wrong usage, or a file that is no notebook.</returns>
    public static async Task<int> Run(string[] args)
    {
        if (args is not [("run" or "check") and var verb, .. var paths] || paths.Length == 0)
        {
            Console.Error.WriteLine(Usage);
            return 2;
        }

        var failed = false;
        foreach (var path in paths)
        {
            try
            {
                var notebook = Notebook.Read(path);
                var run = verb == "run" ? await NotebookRun.RunAndSave(notebook) : await NotebookRun.Check(notebook);
                Console.WriteLine($"{path}: {run.Cells} of {notebook.CodeCells.Count} cells run, {(run.Faults.Count == 0 ? "all well" : $"{run.Faults.Count} faults")}");
                foreach (var fault in run.Faults)
                {
                    Console.Error.WriteLine($"{path}, {fault}");
                }

                failed |= run.Faults.Count > 0;
            }
            catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine(e.Message);
                return 2;
            }
        }

        return failed ? 1 : 0;
    }
}
