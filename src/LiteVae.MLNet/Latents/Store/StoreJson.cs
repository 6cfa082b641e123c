using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LiteVae;

/// <summary>The JSON of a store's files: the same content gives the same bytes, and what is read is checked.</summary>
internal static class StoreJson
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // file names stay readable; nothing of it goes into HTML
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
        Converters = { new SizeConverter(), new TypeConverter(), new ConfigConverter(), new LongsConverter() },
    };

    private static readonly JsonSerializerOptions OneLine = new(Indented) { WriteIndented = false };

    /// <summary>A file's text, indented.</summary>
    public static byte[] File<T>(T value) => [.. JsonSerializer.SerializeToUtf8Bytes(value, Indented), (byte)'\n'];

    /// <summary>A line of a file, with its end.</summary>
    public static byte[] Line<T>(T value) => [.. JsonSerializer.SerializeToUtf8Bytes(value, OneLine), (byte)'\n'];

    /// <summary>The members of an object, for comparing two member by member.</summary>
    public static Dictionary<string, string> Members<T>(T value)
    {
        using var json = JsonSerializer.SerializeToDocument(value, OneLine);
        return json.RootElement.EnumerateObject().ToDictionary(member => member.Name, member => member.Value.GetRawText());
    }

    /// <summary>Reads a file of a format and a version.</summary>
    /// <param name="bytes">The file's bytes.</param>
    /// <param name="path">Where they came from, for messages.</param>
    /// <param name="format">The format with its version behind the last hyphen, as the member <c>format</c> says it.</param>
    /// <exception cref="InvalidDataException">It is not JSON, of another format, of a newer version, or a member is missing or of the wrong kind.</exception>
    public static T Read<T>(ReadOnlySpan<byte> bytes, string path, string format)
        where T : class
    {
        try
        {
            var reader = new Utf8JsonReader(bytes);
            using (var document = JsonDocument.ParseValue(ref reader))
            {
                RequireFormat(document.RootElement, path, format);
            }

            return JsonSerializer.Deserialize<T>(bytes, Indented)!;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or DecoderFallbackException)
        {
            throw new InvalidDataException($"{path}: no valid {format}: {FaultText.Printable(e.Message)}", e);
        }
    }

    /// <summary>Reads a line of a file.</summary>
    /// <exception cref="InvalidDataException">It is not JSON, or a member is missing or of the wrong kind.</exception>
    public static T ReadLine<T>(ReadOnlySpan<byte> bytes, string path, long line)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(bytes, OneLine) ?? throw new JsonException("the line is 'null'.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{path}, line {line}: {FaultText.Printable(e.Message)}", e);
        }
    }

    private static void RequireFormat(JsonElement root, string path, string format)
    {
        var found = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("format", out var member) && member.ValueKind == JsonValueKind.String ? member.GetString()! : null;
        if (found == format)
        {
            return;
        }

        var family = format[..(format.LastIndexOf('-') + 1)];
        var isNewer = found is not null && found.StartsWith(family, StringComparison.Ordinal) && int.TryParse(found.AsSpan(family.Length), out _);
        throw new InvalidDataException(isNewer
            ? $"{path}: the format is {FaultText.Printable(found)}; this version of LiteVae.MLNet reads {format}: update it."
            : $"{path}: not a file of the format {format}: its member 'format' {(found is null ? "is missing or no text" : $"is '{FaultText.Printable(found)}'")}.");
    }

    /// <summary>A size as [width, height].</summary>
    private sealed class SizeConverter : JsonConverter<ImageSize>
    {
        public override ImageSize Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var sides = JsonSerializer.Deserialize<int[]>(ref reader, options);
            return sides is [var width, var height] ? new ImageSize(width, height) : throw new JsonException("a size must be [width, height].");
        }

        public override void Write(Utf8JsonWriter writer, ImageSize value, JsonSerializerOptions options) =>
            writer.WriteRawValue(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"[{value.Width}, {value.Height}]"));
    }

    /// <summary>A type as safetensors spells it.</summary>
    private sealed class TypeConverter : JsonConverter<SafetensorsType>
    {
        public override SafetensorsType Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var spelling = reader.GetString();
            return SafetensorsTypes.FromSpelling(spelling) ?? throw new JsonException($"'{spelling}' is no element type.");
        }

        public override void Write(Utf8JsonWriter writer, SafetensorsType value, JsonSerializerOptions options) => writer.WriteStringValue(value.Spelling());
    }

    /// <summary>A model's config, as its own file has it.</summary>
    private sealed class ConfigConverter : JsonConverter<LiteVaeConfig>
    {
        public override LiteVaeConfig Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using var document = JsonDocument.ParseValue(ref reader);
            try
            {
                return LiteVaeConfig.Parse(document.RootElement.GetRawText(), "config");
            }
            catch (InvalidDataException e)
            {
                throw new JsonException(e.Message, e); // the file's name goes in front
            }
        }

        public override void Write(Utf8JsonWriter writer, LiteVaeConfig value, JsonSerializerOptions options)
        {
            using var document = JsonDocument.Parse(value.ToJson());
            document.RootElement.WriteTo(writer);
        }
    }

    /// <summary>Long lists of numbers on one line: of a hundred million images, a plan would else have more lines than a person scrolls through.</summary>
    private sealed class LongsConverter : JsonConverter<IReadOnlyList<long>>
    {
        public override IReadOnlyList<long> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonSerializer.Deserialize<long[]>(ref reader, options) ?? throw new JsonException("a list of numbers is null.");

        public override void Write(Utf8JsonWriter writer, IReadOnlyList<long> value, JsonSerializerOptions options) => writer.WriteRawValue($"[{string.Join(", ", value)}]");
    }
}
