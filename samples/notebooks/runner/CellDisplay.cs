using System.Text.Json.Nodes;

namespace LiteVae.Notebooks;

/// <summary>What cells call to show things: the functions of these names that .NET Interactive has.</summary>
public static class CellDisplay
{
    /// <summary>Where the running cell's outputs go. It flows into the tasks and threads that the cell starts.</summary>
    internal static AsyncLocal<CellOutputs?> Running { get; } = new();

    /// <summary>Shows a picture, a table or a text.</summary>
    public static void display(object? value) => Show(MimeBundle.Of(value));

    /// <summary>Shows a value that is of a kind already: a picture in base 64 as <c>image/png</c>, HTML as <c>text/html</c>.</summary>
    public static void DisplayAs(this string value, string mimeType) => Show(MimeBundle.Of(value, mimeType));

    private static void Show(JsonObject data) => (Running.Value ?? throw new InvalidOperationException("No cell is running.")).Display(data);
}
