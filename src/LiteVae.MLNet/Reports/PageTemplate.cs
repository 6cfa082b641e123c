using System.Text.RegularExpressions;

namespace LiteVae;

/// <summary>A text with places such as <c>{{name}}</c>, from an assembly's resources.</summary>
/// <param name="text">The text.</param>
internal sealed partial class PageTemplate(string text)
{
    /// <summary>Reads the resource that lies beside a type's assembly's code.</summary>
    /// <param name="type">A type of the assembly.</param>
    /// <param name="name">The resource's logical name.</param>
    public static PageTemplate Of(Type type, string name) => new(ReadText(type, name));

    /// <summary>A resource's text, with the line ends that a browser makes of any: the hash of a script is that of these.</summary>
    public static string ReadText(Type type, string name)
    {
        using var stream = type.Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    /// <summary>Fills all places in one pass: what is filled in may itself look like a place to fill in.</summary>
    /// <exception cref="KeyNotFoundException">A place has no part.</exception>
    public string Fill(IReadOnlyDictionary<string, string> parts) => Place().Replace(text, match => parts[match.Groups[1].Value]);

    [GeneratedRegex(@"\{\{(\w+)\}\}")]
    private static partial Regex Place();
}
