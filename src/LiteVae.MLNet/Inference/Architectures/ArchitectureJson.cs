using System.Text.Json;
using System.Text.Json.Serialization;

namespace LiteVae;

/// <summary>Reads and writes an architecture by its <c>type</c>. A LiteVAE's has none, as in the files from before there were others.</summary>
internal sealed class ArchitectureJson : JsonConverter<ModelArchitecture>
{
    private const string TypeMember = "type";
    private const string LiteVae = "litevae";

    private static readonly Dictionary<string, Type> Types = new()
    {
        [LiteVae] = typeof(LiteVaeArchitecture),
        ["open-litevae"] = typeof(OpenLiteVaeArchitecture),
        ["autoencoder-kl"] = typeof(AutoencoderKLArchitecture),
    };

    /// <inheritdoc/>
    public override ModelArchitecture? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var named = document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(TypeMember, out var member) ? member.ToString() : LiteVae;
        return Types.TryGetValue(named, out var type)
            ? (ModelArchitecture?)document.RootElement.Deserialize(type, options)
            : throw new JsonException($"architecture.type is '{named}'; known are {string.Join(", ", Types.Keys)}.");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ModelArchitecture value, JsonSerializerOptions options)
    {
        var named = Types.Single(entry => entry.Value == value.GetType()).Key;
        writer.WriteStartObject();
        if (named != LiteVae)
        {
            writer.WriteString(TypeMember, named);
        }

        using var members = JsonSerializer.SerializeToDocument(value, value.GetType(), options);
        foreach (var member in members.RootElement.EnumerateObject())
        {
            member.WriteTo(writer);
        }

        writer.WriteEndObject();
    }
}
