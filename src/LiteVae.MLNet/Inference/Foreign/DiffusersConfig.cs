using System.Text.Json;

namespace LiteVae;

/// <summary>What another program's <c>config.json</c> says of a model's scaling; all else is taken from the graphs.</summary>
/// <param name="ScalingFactor">Factor of the scaled latent.</param>
/// <param name="ShiftFactor">Shift of the scaled latent.</param>
internal sealed record DiffusersConfig(double ScalingFactor, double ShiftFactor)
{
    /// <summary>The factor that some classes of Diffusers take where the file does not name it.</summary>
    public const double StableDiffusionFactor = 0.18215;

    // all others take 1
    private static readonly string[] StableDiffusionClasses = ["AutoencoderKL", "AsymmetricAutoencoderKL", "VQModel"];

    /// <summary>The scaling of a model that comes without a config: none.</summary>
    public static DiffusersConfig None { get; } = new(1, 0);

    /// <summary>Reads another program's config.</summary>
    /// <param name="json">The text.</param>
    /// <param name="source">Where it came from, for error messages.</param>
    /// <returns>Null where the text is one of this library's own, which states a <c>schema_version</c>, or no JSON object at all.</returns>
    /// <exception cref="InvalidDataException">A factor is no number.</exception>
    public static DiffusersConfig? Parse(string json, string source)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || root.TryGetProperty("schema_version", out _))
            {
                return null;
            }

            var isStableDiffusion = root.TryGetProperty("_class_name", out var name) && name.ValueKind == JsonValueKind.String && StableDiffusionClasses.Contains(name.GetString());
            return new DiffusersConfig(
                Number(root, "scaling_factor", source) ?? (isStableDiffusion ? StableDiffusionFactor : 1), Number(root, "shift_factor", source) ?? 0);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static double? Number(JsonElement root, string name, string source)
    {
        if (!root.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number
            ? value.GetDouble()
            : throw new InvalidDataException($"{source}: {name} is {value.ValueKind}; it must be a number, or null.");
    }
}
