namespace LiteVae.Notebooks.Tests;

/// <summary>What running cells leaves in the file.</summary>
public sealed class CellTests
{
    [Fact]
    public async Task A_cell_has_what_those_before_it_left_and_its_last_value_is_its_result()
    {
        using var notebook = new SmallNotebook("var six = 6;\nint Times(int x) => six * x;", "Times(7)");
        var (run, cells) = await notebook.Run();

        Assert.Equal(2, run.Cells);
        Assert.Empty(cells[0].Outputs);
        Assert.Equal("""{"data":{"text/plain":["42"]},"execution_count":2,"metadata":{},"output_type":"execute_result"}""", Assert.Single(cells[1].Outputs)!.ToJsonString());
    }

    [Fact]
    public async Task What_a_cell_writes_on_the_console_is_its_stream_in_order_also_from_other_threads()
    {
        var outputs = await SmallNotebook.Outputs("Console.Write(\"a\"); Console.WriteLine('b'); await Task.Run(() => Console.WriteLine(3)); Console.Error.WriteLine(\"no\"); Console.WriteLine(\"end\");");

        Assert.Equal([("stdout", "ab\n3\n"), ("stderr", "no\n"), ("stdout", "end\n")], outputs.Select(output => ((string)output!["name"]!, SmallNotebook.Text(output["text"]))));
        Assert.All(outputs, output => Assert.Equal("stream", (string?)output!["output_type"]));
    }

    [Theory]
    [InlineData("throw new ArgumentException(\"seven\");", "ArgumentException", "seven")]
    [InlineData("int x = \"seven\";", "CompilationErrorException", "CS0029")]
    public async Task An_error_is_saved_with_its_cell_and_ends_the_run(string code, string name, string message)
    {
        using var notebook = new SmallNotebook("1", $"Console.WriteLine(\"before\");\n{code}", "3");
        var (run, cells) = await notebook.Run();

        Assert.StartsWith("cell 2: ", Assert.Single(run.Faults), StringComparison.Ordinal);
        var error = cells[1].Outputs[^1]!;
        Assert.Equal(("error", name), ((string)error["output_type"]!, (string)error["ename"]!));
        Assert.Contains(message, (string)error["evalue"]!, StringComparison.Ordinal);
        Assert.Equal(2, run.Cells);
        Assert.Empty(cells[2].Outputs);
    }

    [Fact]
    public async Task Packages_of_the_repository_are_there_and_others_are_an_error_that_names_them()
    {
        var outputs = await SmallNotebook.Outputs("#r \"nuget: LiteVae.MLNet\"\n#r \"nuget: Microsoft.ML.OnnxRuntime, 1.2.3\"\nnew LiteVae.ImageSize(8, 16).Height");
        Assert.Equal("16", SmallNotebook.Text(outputs[0]!["data"]!["text/plain"]));

        using var other = new SmallNotebook("#r \"nuget: Surely.Not.There, 1.0.0\"");
        Assert.Contains("Surely.Not.There", Assert.Single((await other.Run()).Run.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cell_loads_and_reads_files_from_where_its_notebook_lies()
    {
        using var notebook = new SmallNotebook("#load \"twice.csx\"\nTwice(int.Parse(System.IO.File.ReadAllText(\"number.txt\")))");
        notebook.Folder.Write("twice.csx", "int Twice(int x) => 2 * x;");
        notebook.Folder.Write("number.txt", "21");
        var before = Directory.GetCurrentDirectory();

        Assert.Equal("42", SmallNotebook.Text((await notebook.Run()).Cells[0].Outputs[0]!["data"]!["text/plain"]));
        Assert.Equal(before, Directory.GetCurrentDirectory());
    }
}
