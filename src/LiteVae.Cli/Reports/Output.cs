using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LiteVae.Cli.Reports;

/// <summary>Where a command's result goes: text for people, and one JSON object for programs where <c>--json</c> asks for it.</summary>
/// <param name="json">A file, <c>-</c> for standard output (the text then goes to standard error), or null for none.</param>
/// <param name="isSilent">True in a process for which another one speaks: it says and writes nothing.</param>
internal sealed class Output(string? json, bool isSilent = false)
{
    private const string StandardOutput = "-";

    private static readonly JsonSerializerOptions Indented = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,

        // File names stay readable; the output is not put into HTML.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private static readonly JsonSerializerOptions OneLine = new(Indented) { WriteIndented = false };

    /// <summary>Whether another process speaks for this one.</summary>
    public bool IsSilent { get; } = isSilent;

    /// <summary>Whether <see cref="Text"/> is read by a person at a terminal.</summary>
    public bool IsTerminal { get; } = json == StandardOutput ? !Console.IsErrorRedirected : !Console.IsOutputRedirected;

    /// <summary>The text for people.</summary>
    public TextWriter Text { get; } = isSilent ? TextWriter.Null : json == StandardOutput ? Console.Error : Console.Out;

    /// <summary>One object as a single line of JSON.</summary>
    public static string Line<T>(T value) => JsonSerializer.Serialize(value, OneLine);

    /// <summary>Writes the command's JSON object, if it was asked for.</summary>
    public void Json<T>(T report)
    {
        if (json is null || IsSilent)
        {
            return;
        }

        var text = JsonSerializer.Serialize(report, Indented);
        if (json == StandardOutput)
        {
            Console.Out.WriteLine(text);
        }
        else
        {
            AtomicFile.WriteAllText(json, text + "\n");
        }
    }
}
