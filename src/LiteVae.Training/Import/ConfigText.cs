using System.Text.Json;

namespace LiteVae.Training;

/// <summary>A config file that came with weights, read whole but not yet understood.</summary>
/// <param name="Path">The file.</param>
/// <param name="Text">What it says.</param>
internal sealed record ConfigText(string Path, string Text)
{
    /// <summary>Configs have some hundred bytes; what is much larger is none.</summary>
    private const int MaxBytes = 1 << 20;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
    };

    /// <summary>Reads a file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is too large for a config.</exception>
    public static ConfigText Read(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new FileNotFoundException($"{path}: there is no such config file.", path);
        }

        return file.Length <= MaxBytes
            ? new ConfigText(path, File.ReadAllText(path))
            : throw new InvalidDataException($"{path}: {file.Length} bytes are no config; at most {MaxBytes} are read.");
    }

    /// <summary>Whether this is a model folder's own <c>config.json</c>, which always states its schema.</summary>
    public bool IsOwn => As<Schema>("any kind").SchemaVersion is not null;

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
            throw new InvalidDataException($"{Path}: not a config of {kind}: {e.Message}", e);
        }
    }

    private sealed record Schema(JsonElement? SchemaVersion);
}
