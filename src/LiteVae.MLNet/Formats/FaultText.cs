using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace LiteVae;

/// <summary>
/// What is wrong with a file, as an interpolated text that is built only where its condition fails: a reader states a rule a line and pays
/// nothing for the rules that hold. Text that comes from the file is made printable and short.
/// </summary>
[InterpolatedStringHandler]
internal readonly ref struct FaultText
{
    /// <summary>Most characters of one text from a file.</summary>
    public const int MaxQuoted = 200;

    private readonly StringBuilder? _text;

    /// <summary>Called by the compiler: begins a text where the condition fails.</summary>
    public FaultText(int literalLength, int formattedCount, bool condition, out bool isNeeded)
    {
        isNeeded = !condition;
        _text = condition ? null : new StringBuilder(literalLength + (16 * formattedCount));
    }

    /// <summary>Our own words.</summary>
    public void AppendLiteral(string text) => _text!.Append(text);

    /// <summary>Words from the file: control characters become '?', the rest of a long text '...'.</summary>
    public void AppendFormatted(string? text) => _text!.Append(Printable(text));

    /// <summary>A number or a name of ours.</summary>
    public void AppendFormatted<T>(T value) => _text!.Append(CultureInfo.InvariantCulture, $"{value}");

    /// <summary>A number in a given form.</summary>
    public void AppendFormatted<T>(T value, string format)
        where T : IFormattable => _text!.Append(value.ToString(format, CultureInfo.InvariantCulture));

    /// <summary>The whole text.</summary>
    public override string ToString() => _text?.ToString() ?? "";

    /// <summary>A text from a file as a message may show it: what could move a terminal's cursor is replaced, and what is long is cut.</summary>
    public static string Printable(string? text)
    {
        text ??= "";
        var shown = text.Length <= MaxQuoted ? text : $"{text.AsSpan(0, MaxQuoted)}...";
        return shown.Any(IsUnprintable) ? string.Concat(shown.Select(c => IsUnprintable(c) ? '?' : c)) : shown;
    }

    private static bool IsUnprintable(char c) =>
        char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
