using System.Text.Json;
using System.Text.Json.Serialization;

namespace LiteVae;

/// <summary>Reads a JSON null, as Diffusers writes where a number does not apply, as the number that changes nothing.</summary>
/// <param name="value">That number.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NullAsAttribute(double value) : JsonConverterAttribute
{
    /// <inheritdoc/>
    public override JsonConverter CreateConverter(Type typeToConvert) => new Converter(value);

    private sealed class Converter(double value) : JsonConverter<double>
    {
        public override bool HandleNull => true;

        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? value : reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
    }
}
