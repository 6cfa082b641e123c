using System.Text.Json;

namespace LiteVae.Training;

/// <summary>A config file that came with weights, read whole but not yet understood.</summary>
/// <param name="Path">The file.</param>
/// <param name="Text">What it says.</param>
internal sealed record ConfigText(string Path, string Text)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
    };

    /// <summary>Reads a file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is empty, or too large for a config.</exception>
    public static ConfigText Read(string path) => new(path, RegularFile.ReadText(path, ModelFolder.MaxConfigBytes));

    /// <summary>Whether this is a model folder's own <c>config.json</c>, which always states its schema.</summary>
    public bool IsOwn => Names("schema_version");

    /// <summary>Whether the text is an object with one of these members.</summary>
    /// <exception cref="InvalidDataException">It is no JSON.</exception>
    public bool Names(params ReadOnlySpan<string> members)
    {
        try
        {
            using var document = JsonDocument.Parse(Text);
            foreach (var member in members)
            {
                if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(member, out _))
                {
                    return true;
                }
            }

            return false;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{Path}: not a config: it is no JSON. {e.Message}", e);
        }
    }

    /// <summary>The text as an object of some kind. Members that the kind does not have are ignored.</summary>
    /// <exception cref="InvalidDataException">It is no such object.</exception>
    public T As<T>(string kind)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(Text, Json) ?? throw new InvalidDataException($"{Path}: not a config of {kind}: the text is 'null'.");
        }
        catch (JsonException e)
        {
            // The exception's own words are about types of this program.
            var member = e.Path is { Length: > 2 } path ? $"the value of {FaultText.Printable(path[2..])} is not of its kind" : "it is no object";
            throw new InvalidDataException($"{Path}: not a config of {kind}: {member} (line {e.LineNumber + 1}).", e);
        }
    }
}
