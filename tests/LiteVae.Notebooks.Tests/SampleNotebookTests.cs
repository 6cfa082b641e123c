using LiteVae.Tests.Shared;

namespace LiteVae.Notebooks.Tests;

/// <summary>The notebooks under samples/, run at reduced size.</summary>
public sealed class SampleNotebookTests
{
    private const long LargestFile = 1_500_000; // what a browser opens at once

    public static TheoryData<string> Notebooks => [.. Directory.GetFiles(Folder, "*.ipynb").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static string Folder => Path.Combine(SharedData.Repository, "samples", "notebooks");

    [Theory]
    [MemberData(nameof(Notebooks))]
    public async Task A_notebook_runs_and_shows_what_it_has_saved(string name)
    {
        var notebook = Notebook.Read(Path.Combine(Folder, name));
        var run = await NotebookRun.Check(notebook);

        Assert.Empty(run.Faults);
        Assert.Equal(notebook.CodeCells.Count, run.Cells);
    }

    [Theory]
    [MemberData(nameof(Notebooks))]
    public void A_notebook_is_saved_whole_with_pictures_and_without_errors(string name)
    {
        var path = Path.Combine(Folder, name);
        var kinds = Notebook.Read(path).CodeCells.SelectMany(cell => cell.OutputKinds).ToList();

        Assert.Contains(kinds, kind => kind.StartsWith("display_data image/", StringComparison.Ordinal));
        Assert.DoesNotContain(kinds, kind => kind.StartsWith("error", StringComparison.Ordinal));
        Assert.InRange(new FileInfo(path).Length, 1, LargestFile);
    }

    [Fact]
    public void The_samples_name_every_notebook() => Assert.All(
        Directory.GetFiles(Folder, "*.ipynb"), path => Assert.Contains(Path.GetFileName(path), File.ReadAllText(Path.Combine(Folder, "README.md")), StringComparison.Ordinal));
}
