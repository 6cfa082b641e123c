using System.Text.Json;
using System.Text.Json.Serialization;

namespace LiteVae.Training;

/// <summary>Everything that determines a training run; the run folder's <c>options.json</c> holds it.</summary>
public sealed record LiteVaeTrainerOptions
{
    // by reflection: generated code would set init-only members that the text does not name to null or 0, not to their defaults
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>Folder with the training images (searched recursively), or a text file with one path a line, of which one that is named twice counts twice.</summary>
    public string Data { get; init; } = "";

    /// <summary>Run folder: options, checkpoints, log, curve and sample pictures.</summary>
    public string Output { get; init; } = "";

    /// <summary>What to train. Default: the S encoder with 12 latent channels and the compact decoder.</summary>
    public LiteVaeArchitecture Architecture { get; init; } = LiteVaePreset.Get("S", 12) with { Decoder = LiteVaePreset.CompactDecoder };

    /// <summary>The stages, in order. Default: the paper's 100,000 steps at 128 pixels, then 50,000 at 256 (Table 5).</summary>
    public IReadOnlyList<TrainingStage> Stages { get; init; } =
        [new TrainingStage { Resolution = 128, Steps = 100_000 }, new TrainingStage { Resolution = 256, Steps = 50_000 }];

    /// <summary>Learning rate over the whole run.</summary>
    public LearningRateSchedule LearningRate { get; init; } = new();

    /// <summary>Adam's decay of the mean gradient, 0 to 1 exclusive. Default 0.5, the paper's.</summary>
    public double Beta1 { get; init; } = 0.5;

    /// <summary>Adam's decay of the mean squared gradient, 0 to 1 exclusive. Default 0.9, the paper's.</summary>
    public double Beta2 { get; init; } = 0.9;

    /// <summary>Largest norm of the gradient; a longer one is scaled down. Default 1.</summary>
    public double GradientClip { get; init; } = 1;

    /// <summary>Decay of the weights' moving average, 0 to 1 exclusive. Default 0.999.</summary>
    public double EmaDecay { get; init; } = 0.999;

    /// <summary>Seed of the weights, the crops and the noise. Default 0.</summary>
    public int Seed { get; init; }

    /// <summary><c>cpu</c> or <c>cuda:0</c>. Default <c>cpu</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Steps between two checkpoints, at least 1; one is always written at the end. Default 1,000.</summary>
    public int CheckpointEvery { get; init; } = 1_000;

    /// <summary>Checkpoints kept, the newest ones, at least 1. Default 2.</summary>
    public int KeepCheckpoints { get; init; } = 2;

    /// <summary>Steps between two lines of the log, at least 1. Default 20.</summary>
    public int LogEvery { get; init; } = 20;

    /// <summary>Steps between two pictures of reconstructions, at least 1. Default 1,000.</summary>
    public int SampleEvery { get; init; } = 1_000;

    /// <summary>Steps of all stages.</summary>
    [JsonIgnore]
    public long TotalSteps => Stages.Sum(s => (long)s.Steps);

    /// <summary>Reads options from JSON; what is not named keeps its default.</summary>
    /// <exception cref="InvalidDataException">The text is not JSON of this shape; unknown names are refused.</exception>
    public static LiteVaeTrainerOptions Parse(string json, string source)
    {
        try
        {
            return JsonSerializer.Deserialize<LiteVaeTrainerOptions>(json, Json)
                ?? throw new InvalidDataException($"{source}: training options cannot be 'null'.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{source}: not training options: {e.Message}", e);
        }
    }

    /// <summary>The options as indented JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentException">Some are out of range; the message lists all of them.</exception>
    public void Validate()
    {
        var faults = new List<string>();
        Require(Data.Length > 0, "Data is empty: name a folder of images.");
        Require(Output.Length > 0, "Output is empty: name a run folder.");
        Require(DeviceSelection.TryParse(Device, out _), $"Device is '{Device}'; use cpu or cuda:0.");
        faults.AddRange(Architecture.Faults());
        Require(Stages.Count > 0, "Stages is empty: at least one is needed.");
        for (var i = 0; i < Stages.Count; i++)
        {
            var stage = Stages[i];
            Require(stage.Resolution is >= 8 and <= 2048 && stage.Resolution % 8 == 0, $"Stages[{i}].Resolution is {stage.Resolution}; allowed are multiples of 8 from 8 to 2048.");
            Require(stage.Steps >= 1, $"Stages[{i}].Steps is {stage.Steps}; at least 1 is needed.");
            Require(stage.BatchSize >= 1, $"Stages[{i}].BatchSize is {stage.BatchSize}; at least 1 is needed.");
            foreach (var (name, weight) in new[] { ("Reconstruction", stage.Losses.Reconstruction), ("Kl", stage.Losses.Kl), ("Wavelet", stage.Losses.Wavelet), ("Gaussian", stage.Losses.Gaussian) })
            {
                Require(double.IsFinite(weight) && weight >= 0, $"Stages[{i}].Losses.{name} is {weight}; it must be 0 or more.");
            }
        }

        Require(double.IsFinite(LearningRate.Peak) && LearningRate.Peak > 0, $"LearningRate.Peak is {LearningRate.Peak}; it must be more than 0.");
        Require(LearningRate.WarmupSteps >= 0, $"LearningRate.WarmupSteps is {LearningRate.WarmupSteps}; it must be 0 or more.");
        Require(LearningRate.FinalShare is >= 0 and <= 1, $"LearningRate.FinalShare is {LearningRate.FinalShare}; allowed are 0 to 1.");
        foreach (var (name, value) in new[] { ("Beta1", Beta1), ("Beta2", Beta2), ("EmaDecay", EmaDecay) })
        {
            Require(value is >= 0 and < 1, $"{name} is {value}; allowed are 0 to below 1.");
        }

        Require(double.IsFinite(GradientClip) && GradientClip > 0, $"GradientClip is {GradientClip}; it must be more than 0.");
        foreach (var (name, value) in new[] { ("CheckpointEvery", CheckpointEvery), ("KeepCheckpoints", KeepCheckpoints), ("LogEvery", LogEvery), ("SampleEvery", SampleEvery) })
        {
            Require(value >= 1, $"{name} is {value}; at least 1 is needed.");
        }

        if (faults.Count > 0)
        {
            throw new ArgumentException($"The training options cannot be used: {string.Join(" ", faults)}");
        }

        void Require(bool holds, string fault)
        {
            if (!holds)
            {
                faults.Add(fault);
            }
        }
    }
}
