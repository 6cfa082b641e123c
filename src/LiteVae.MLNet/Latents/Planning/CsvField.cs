namespace LiteVae;

/// <summary>A field of a CSV file as it stands there: a text without quotes, or one in quotes with those in it doubled, as RFC 4180 says.</summary>
internal static class CsvField
{
    /// <summary>The text of a field without fault.</summary>
    public static string Text(ReadOnlySpan<char> field) =>
        field is ['"', .. var inner, '"'] ? inner.ToString().Replace("\"\"", "\"", StringComparison.Ordinal) : field.ToString();

    /// <summary>What is wrong with a field's quotes, or null.</summary>
    /// <param name="field">The field.</param>
    /// <param name="at">Where it is wrong.</param>
    public static string? Fault(ReadOnlySpan<char> field, out int at)
    {
        at = field.IndexOf('"');
        if (at != 0)
        {
            return at < 0 ? null : $"there is a quote in the field '{Line(field, at)}', which does not begin with one";
        }

        for (var next = 1; field[next..].IndexOf('"') is var more and >= 0; next = at + 2)
        {
            at = next + more;
            if (at + 1 == field.Length)
            {
                return null;
            }

            if (field[at + 1] != '"')
            {
                return $"the field '{Line(field, at)}' goes on after its closing quote";
            }
        }

        at = 0;
        return $"the quote that '{Line(field, at)}' begins with is not closed";
    }

    /// <summary>The line of a field that a place is in.</summary>
    private static string Line(ReadOnlySpan<char> field, int at)
    {
        var line = field[(field[..at].LastIndexOf('\n') + 1)..];
        return FaultText.Printable(line[..(line.IndexOfAny('\r', '\n') is var end and >= 0 ? end : line.Length)].ToString());
    }
}
