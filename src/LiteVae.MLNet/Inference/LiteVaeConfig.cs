using System.Text.Json;
using System.Text.Json.Serialization;

namespace LiteVae;

/// <summary>What a model folder's <c>config.json</c> says, and every ONNX file's metadata repeats.</summary>
public sealed record LiteVaeConfig
{
    /// <summary>The newest <c>schema_version</c> that this library writes and reads.</summary>
    public const int CurrentSchemaVersion = 1;

    /// <summary>Key of the JSON text in the metadata of ONNX and safetensors files.</summary>
    internal const string MetadataKey = "litevae.config";

    // by reflection: generated code would set init-only members that the text does not name to null or 0, not to their defaults
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>Version of this file's schema.</summary>
    public int SchemaVersion { get; init; } = CurrentSchemaVersion;

    /// <summary>The model's name, for example <c>litevae-s-f8c12</c>.</summary>
    public string Name { get; init; } = "litevae";

    /// <summary>The network's architecture, or null for a model of another kind, known by its ONNX files alone.</summary>
    [JsonConverter(typeof(ArchitectureJson))]
    public ModelArchitecture? Architecture { get; init; }

    /// <summary>Channels of the latent, nz.</summary>
    public int LatentChannels { get; init; } = 12;

    /// <summary>Image pixels per latent pixel along a side. LiteVAE: 8.</summary>
    public int DownsamplingFactor { get; init; } = 8;

    /// <summary>What the encoder emits. Not written where it is moments, as all models of this library's own emit.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public EncoderOutput EncoderOutput { get; init; }

    /// <summary>Factor of the scaled latent, (latent - shift) * factor; finite and not 0 as a 32-bit float. Null in the text reads as 1.</summary>
    [NullAs(1)]
    public double ScalingFactor { get; init; } = 1;

    /// <summary>Shift of the scaled latent, (latent - shift) * factor; finite as a 32-bit float. Null in the text reads as 0.</summary>
    [NullAs(0)]
    public double ShiftFactor { get; init; }

    /// <summary>Mean of the latent per channel over the training data, nz values, or null where not measured.</summary>
    public IReadOnlyList<double>? LatentsMean { get; init; }

    /// <summary>Standard deviation of the latent per channel over the training data, nz values, or null where not measured.</summary>
    public IReadOnlyList<double>? LatentsStd { get; init; }

    /// <summary>How pixels become the encoder's input.</summary>
    public LiteVaePreprocessing Preprocessing { get; init; } = new();

    /// <summary>What the model was trained on, or null where not stated.</summary>
    public LiteVaeTrainingData? TrainingData { get; init; }

    /// <summary>Reads the JSON text of a config.</summary>
    /// <param name="json">The text.</param>
    /// <param name="source">Where it came from, for error messages.</param>
    /// <exception cref="InvalidDataException">The text is not JSON, of a newer schema, or holds a value out of range.</exception>
    public static LiteVaeConfig Parse(string json, string source)
    {
        LiteVaeConfig? config;
        try
        {
            config = JsonSerializer.Deserialize<LiteVaeConfig>(json, Json);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{source}: not a LiteVAE config: {e.Message}", e);
        }

        if (config is null)
        {
            throw new InvalidDataException($"{source}: not a LiteVAE config: the text is 'null'.");
        }

        return config.Require(source);
    }

    /// <summary>Channels of what the encoder emits.</summary>
    internal int EncodedChannels() => EncoderOutput == EncoderOutput.Latent ? LatentChannels : 2 * LatentChannels;

    /// <summary>This config, checked.</summary>
    /// <exception cref="InvalidDataException">A value is out of range.</exception>
    internal LiteVaeConfig Require(string source)
    {
        var faults = Faults();
        return faults.Count == 0 ? this : throw new InvalidDataException($"{source}: {string.Join(" ", faults)}");
    }

    /// <summary>The config as indented JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    private List<string> Faults()
    {
        var faults = new List<string>();
        if (SchemaVersion is < 1 or > CurrentSchemaVersion)
        {
            faults.Add($"schema_version is {SchemaVersion}; this library reads 1 to {CurrentSchemaVersion}: update LiteVae.MLNet.");
        }

        if (LatentChannels is < 1 or > 256)
        {
            faults.Add($"latent_channels is {LatentChannels}; allowed are 1 to 256.");
        }

        if (DownsamplingFactor is < 1 or > 64)
        {
            faults.Add($"downsampling_factor is {DownsamplingFactor}; allowed are 1 to 64.");
        }

        if (!Enum.IsDefined(EncoderOutput))
        {
            faults.Add($"encoder_output is {EncoderOutput}; allowed are moments and latent.");
        }

        // Latents are scaled in single precision.
        if (!float.IsFinite((float)ScalingFactor) || (float)ScalingFactor == 0)
        {
            faults.Add($"scaling_factor is {ScalingFactor}; as a 32-bit float it must be finite and not 0.");
        }

        if (!float.IsFinite((float)ShiftFactor))
        {
            faults.Add($"shift_factor is {ShiftFactor}; as a 32-bit float it must be finite.");
        }

        if (Preprocessing is not { ColorSpace: "RGB", Minimum: -1, Maximum: 1 })
        {
            faults.Add(
                $"preprocessing is {Preprocessing.ColorSpace} from {Preprocessing.Minimum} to {Preprocessing.Maximum}; this library feeds models RGB from -1 to 1.");
        }

        if (Architecture is not null && Architecture.LatentChannels != LatentChannels)
        {
            faults.Add($"architecture.latent_channels is {Architecture.LatentChannels} and latent_channels is {LatentChannels}; they must be equal.");
        }

        foreach (var (name, values) in new[] { ("latents_mean", LatentsMean), ("latents_std", LatentsStd) })
        {
            if (values is not null && (values.Count != LatentChannels || values.Any(v => !double.IsFinite(v))))
            {
                faults.Add($"{name} has {values.Count} values; it needs {LatentChannels} finite ones, one a latent channel.");
            }
        }

        var architectureFaults = Architecture?.Faults().ToList() ?? [];
        if (Architecture is not null && architectureFaults.Count == 0 && Architecture.DownsamplingFactor != DownsamplingFactor)
        {
            faults.Add($"downsampling_factor is {DownsamplingFactor}; that of the architecture is {Architecture.DownsamplingFactor}.");
        }

        faults.AddRange(architectureFaults);
        return faults;
    }
}

/// <summary>How pixels become the encoder's input. Recorded for other readers; this library takes the defaults only.</summary>
public sealed record LiteVaePreprocessing
{
    /// <summary>Channel order of the input planes.</summary>
    public string ColorSpace { get; init; } = "RGB";

    /// <summary>Value of a black pixel in the input.</summary>
    public double Minimum { get; init; } = -1;

    /// <summary>Value of a white pixel in the input.</summary>
    public double Maximum { get; init; } = 1;
}

/// <summary>The data a model was trained on.</summary>
/// <param name="Name">What the data set is called.</param>
/// <param name="Licence">Its licence, or licences.</param>
public sealed record LiteVaeTrainingData(string Name, string Licence);
