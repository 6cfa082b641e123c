namespace LiteVae.Tests.Latents.Planning;

public sealed class CsvTableTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("path\tcaption\ncoffee.jpg\ta 5\" pipe\nrocket.jpg\tplain\nastronaut.jpg\ta 6\" pipe\ncamera.jpg\tend\n", 2, "'a 5\" pipe', which does not begin with one")]
    [InlineData("path\tcaption\na.jpg\ta\nb.jpg\t\"two\nlines\"\nc.jpg\t5\" pipe", 5, "'5\" pipe', which does not begin with one")]
    [InlineData("path\tcaption\nb.jpg\ttwo\" \"words\n", 2, "which does not begin with one")]
    [InlineData("path,caption\na.jpg,fine\nb.jpg,\"never closed\nc.jpg,x\nd.jpg,y\n", 3, "'\"never closed' begins with is not closed")]
    [InlineData("path,caption\na.jpg,\"two\nlines\"\n\"b.jpg,x\n", 4, "'\"b.jpg,x' begins with is not closed")]
    [InlineData("path,caption\na.jpg,\"doubled at the end\"\"\n", 2, "is not closed")]
    [InlineData("path,caption\na.jpg,\"", 2, "is not closed")]
    [InlineData("path,caption\na.jpg,\"a\"b\nc.jpg,d\n", 2, "'\"a\"b' goes on after its closing quote")]
    [InlineData("path,caption\na.jpg,\"one\ntwo\" three\nb.jpg,\"\n", 3, "goes on after its closing quote")]
    [InlineData("path,note 5\",caption\na.jpg,b,c\nd.jpg,e\",f\n", 1, "'note 5\"")]
    [InlineData("path,note,caption\na.jpg,a 5\" pipe,x\n", 2, "'a 5\" pipe,x', which")]
    public void A_quote_in_a_wrong_place_is_refused_with_its_line_and_no_row_is_swallowed(string text, int line, string reason)
    {
        var (path, rows) = (_folder.Write("t.csv", text), new List<TableRow>());
        var e = Assert.Throws<InvalidDataException>(() => CsvTable.Read(path, (_, row) => rows.Add(row)));
        Assert.StartsWith($"{path}, line {line}: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.Contains("\"a 5\"\" pipe\"", e.Message, StringComparison.Ordinal); // how it should be written
        Assert.DoesNotContain(rows, row => row.Caption?.Contains(".jpg", StringComparison.Ordinal) == true);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void Quoted_fields_hold_quotes_line_breaks_and_separators(string lineBreak)
    {
        var path = _folder.Write("t.csv", $"\"path\",\"cap\"\"tion\",caption\n\"a \"\"1\"\".jpg\",\"\",\"\"\"\"\n\"b,c.jpg\",x,\"two\nlines, \"\"and\"\" more\"\nd.jpg,,\"\"".Replace("\n", lineBreak, StringComparison.Ordinal));
        List<(int, string?, string?)> rows = [];
        CsvTable.Read(path, (line, row) => rows.Add((line, row.Path, row.Caption)));
        Assert.Equal([(2, "a \"1\".jpg", "\""), (3, "b,c.jpg", $"two{lineBreak}lines, \"and\" more"), (5, "d.jpg", "")], rows);
    }

    [Fact]
    public void A_quote_that_is_open_for_longer_than_any_row_may_be_is_refused_with_its_line()
    {
        var path = _folder.Write("t.csv", "path,caption\na.jpg,fine\nb.jpg,\"open\n");
        File.AppendAllLines(path, Enumerable.Repeat(new string('x', 1000), 20_000));
        var e = Assert.Throws<InvalidDataException>(() => CsvTable.Read(path, (_, _) => { }));
        Assert.StartsWith($"{path}, line 3: ", e.Message, StringComparison.Ordinal);
        Assert.Contains("never closed", e.Message, StringComparison.Ordinal);
    }

    /// <summary>Against a plain reader of RFC 4180, a character at a time.</summary>
    [Fact]
    public void Tables_of_random_quotes_give_the_rows_that_a_plain_reader_gives_or_are_refused_as_by_it()
    {
        var random = new Random(7);
        var (read, refused) = (0, 0);
        for (var i = 0; i < 3000; i++)
        {
            var text = "path,caption\n" + string.Concat(Enumerable.Range(0, random.Next(1, 5)).Select(_ => $"{Field(random)},{Field(random)}\n"));
            List<(string?, string?)> rows = [];
            var path = _folder.Write("t.csv", text);
            if (PlainRows(text) is { } expected)
            {
                CsvTable.Read(path, (_, row) => rows.Add((row.Path, row.Caption)));
                Assert.Equal(expected.Skip(1), rows);
                read++;
            }
            else
            {
                Assert.Throws<InvalidDataException>(() => CsvTable.Read(path, (_, row) => rows.Add((row.Path, row.Caption))));
                refused++;
            }
        }

        Assert.True(read > 300 && refused > 300, $"{read} tables were read and {refused} refused");

        static string Field(Random random) => random.Next(5) switch
        {
            0 => "\"q,\"\"\n\"",
            1 => "\"\"",
            2 when random.Next(3) == 0 => new string([.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => "\"\"ab,\n"[random.Next(6)])]),
            _ => "plain",
        };
    }

    /// <summary>The rows of two fields, or null where the rules are broken.</summary>
    private static List<(string?, string?)>? PlainRows(string text)
    {
        List<(string?, string?)> rows = [];
        List<string> row = [];
        for (var at = 0; at < text.Length; at++)
        {
            var field = new System.Text.StringBuilder();
            if (text[at] == '"')
            {
                for (at++; at < text.Length && (text[at] != '"' || (at + 1 < text.Length && text[at + 1] == '"')); at++)
                {
                    field.Append(text[at]);
                    at += text[at] == '"' ? 1 : 0;
                }

                at++;
            }
            else
            {
                for (; text[at] is not ('"' or ',' or '\n'); at++)
                {
                    field.Append(text[at]);
                }
            }

            if (at >= text.Length || text[at] is not (',' or '\n'))
            {
                return null;
            }

            row.Add(field.ToString());
            if (text[at] == '\n')
            {
                if (row.Count != 2)
                {
                    return null;
                }

                rows.Add((row[0], row[1]));
                row.Clear();
            }
        }

        return rows;
    }
}
