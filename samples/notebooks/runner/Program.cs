using LiteVae.Notebooks;

if (args is not [("run" or "check") and var verb, .. var paths] || paths.Length == 0)
{
    Console.Error.WriteLine(
        """
        Usage: run NOTEBOOK...    runs the cells and saves what they show
               check NOTEBOOK...  runs them at reduced size, saves nothing, and compares
        """);
    return 2;
}

var failed = false;
foreach (var path in paths)
{
    try
    {
        var notebook = Notebook.Read(path);
        var run = verb == "run" ? await NotebookRun.RunAndSave(notebook) : await NotebookRun.Check(notebook);
        failed |= run.Faults.Count > 0;
        Console.WriteLine($"{path}: {run.Cells} cells run, {(run.Faults.Count == 0 ? "all well" : $"{run.Faults.Count} faults")}");
        run.Faults.ToList().ForEach(Console.Error.WriteLine);
    }
    catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
    {
        Console.Error.WriteLine(e.Message);
        return 2;
    }
}

return failed ? 1 : 0;
