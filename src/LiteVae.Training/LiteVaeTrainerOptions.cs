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
        Converters = { new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false) },
    };

    /// <summary>Folder with the training images (searched recursively), or a text file with one path a line, of which one that is named twice counts twice.</summary>
    public string Data { get; init; } = "";

    /// <summary>Run folder: options, checkpoints, log, report and sample pictures.</summary>
    public string Output { get; init; } = "";

    /// <summary>What to train. Default: the S encoder with 12 latent channels and the compact decoder.</summary>
    public LiteVaeArchitecture Architecture { get; init; } = LiteVaePreset.Get("S", 12) with { Decoder = LiteVaePreset.CompactDecoder };

    /// <summary>
    /// A trained LiteVAE whose weights the run starts from: a model folder, a weight file, or the name of a model that ships, of the same <see cref="Architecture"/>. Its linear code
    /// comes with it. Null, the default, for fresh weights from the seed.
    /// </summary>
    public string? StartFrom { get; init; }

    /// <summary>The stages, in order. Default: the paper's 100,000 steps at 128 pixels, then 50,000 at 256 (Table 5).</summary>
    public IReadOnlyList<TrainingStage> Stages { get; init; } =
        [new TrainingStage { Resolution = 128, Steps = 100_000 }, new TrainingStage { Resolution = 256, Steps = 50_000 }];

    /// <summary>Learning rate over the whole run.</summary>
    public LearningRateSchedule LearningRate { get; init; } = new();

    /// <summary>Adam's decay of the mean gradient, 0 to 1 exclusive. Default 0.5, the paper's.</summary>
    public double Beta1 { get; init; } = 0.5;

    /// <summary>Adam's decay of the mean squared gradient, 0 to 1 exclusive. Default 0.9, the paper's.</summary>
    public double Beta2 { get; init; } = 0.9;

    /// <summary>Weight decay apart from the gradient (AdamW, Loshchilov and Hutter 2019), of the convolutions' weights only, at least 0. Default 0: Adam, as in the paper.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Largest norm of the gradient; a longer one is scaled down. Default 1.</summary>
    public double GradientClip { get; init; } = 1;

    /// <summary>Decay of the weights' moving average, 0 to 1 exclusive. Default 0.999.</summary>
    public double EmaDecay { get; init; } = 0.999;

    /// <summary>
    /// Width of a power-function average (Karras et al. 2024) as a share of the run so far, 0.01 to 0.28: it takes the place of <see cref="EmaDecay"/> and fits runs of any length.
    /// Null, the default, for the constant decay.
    /// </summary>
    public double? EmaWidth { get; init; }

    /// <summary>What the network computes in. Default <see cref="TrainingPrecision.Float32"/>.</summary>
    public TrainingPrecision Precision { get; init; } = TrainingPrecision.Float32;

    /// <summary>Whether a GPU may multiply 32-bit floats with 10 bits of mantissa (TF32). Default true. Ignored on the CPU.</summary>
    public bool TensorFloat32 { get; init; } = true;

    /// <summary>The discriminator, in stages with an adversarial loss.</summary>
    public DiscriminatorOptions Discriminator { get; init; } = new();

    /// <summary>Weights that perceptual losses and metrics need.</summary>
    public PerceptualWeights Perceptual { get; init; } = new();

    /// <summary>Evaluation on held-out images.</summary>
    public EvaluationOptions Evaluation { get; init; } = new();

    /// <summary>Seed of the weights, the crops and the noise. Default 0.</summary>
    public int Seed { get; init; }

    /// <summary><c>cpu</c> or <c>cuda:0</c>. Default <c>cpu</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Steps between two checkpoints, at least 1; one is always written at the end. Default 1,000.</summary>
    public int CheckpointEvery { get; init; } = 1_000;

    /// <summary>Checkpoints kept, the newest ones, at least 1. The best by PSNR on held-out images is kept besides, as <c>best.safetensors</c>. Default 2.</summary>
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

    /// <summary>Checks every value, and that the files they name are there.</summary>
    /// <exception cref="ArgumentException">Some are wrong; the message lists all of them.</exception>
    public void Validate()
    {
        var faults = Faults().ToList();
        if (faults.Count > 0)
        {
            throw new ArgumentException($"The training options cannot be used: {string.Join(" ", faults)}");
        }
    }

    private IEnumerable<string> Faults()
    {
        foreach (var (holds, fault) in new[]
        {
            (Data.Length > 0, "Data is empty: name a folder of images."),
            (Output.Length > 0, "Output is empty: name a run folder."),
            (DeviceSelection.TryParse(Device, out _), $"Device is '{Device}'; use cpu or cuda:0."),
            (Stages.Count > 0, "Stages is empty: at least one is needed."),
            (double.IsFinite(GradientClip) && GradientClip > 0, $"GradientClip is {GradientClip}; it must be more than 0."),
            (double.IsFinite(WeightDecay) && WeightDecay >= 0, $"WeightDecay is {WeightDecay}; it must be 0 or more."),
            (Enum.IsDefined(Precision), $"Precision is {Precision}; use {string.Join(" or ", Enum.GetNames<TrainingPrecision>())}."),
            (EmaWidth is null or (>= 0.01 and <= 0.28), $"EmaWidth is {EmaWidth}; allowed are 0.01 to 0.28, or null."),
        })
        {
            if (!holds)
            {
                yield return fault;
            }
        }

        foreach (var (name, value) in new[] { (nameof(Beta1), Beta1), (nameof(Beta2), Beta2), (nameof(EmaDecay), EmaDecay) })
        {
            if (value is not (>= 0 and < 1))
            {
                yield return $"{name} is {value}; allowed are 0 to below 1.";
            }
        }

        foreach (var (name, value) in new[]
        {
            (nameof(CheckpointEvery), CheckpointEvery), (nameof(KeepCheckpoints), KeepCheckpoints), (nameof(LogEvery), LogEvery), (nameof(SampleEvery), SampleEvery),
        })
        {
            if (value < 1)
            {
                yield return $"{name} is {value}; at least 1 is needed.";
            }
        }

        var parts = Stages.SelectMany((stage, i) => stage.Faults().Concat(Combined(stage)).Select(fault => $"{nameof(Stages)}[{i}].{fault}"))
            .Concat(Named(nameof(LearningRate), LearningRate.Faults()))
            .Concat(Named(nameof(Discriminator), Discriminator.Faults()))
            .Concat(Named(nameof(Perceptual), Perceptual.Faults()))
            .Concat(Named(nameof(Evaluation), Evaluation.Faults()));
        foreach (var fault in Architecture.Faults().Concat(parts))
        {
            yield return fault;
        }
    }

    private static IEnumerable<string> Named(string option, IEnumerable<string> faults) => faults.Select(fault => $"{option}.{fault}");

    /// <summary>What a stage asks for that other options do not give.</summary>
    private IEnumerable<string> Combined(TrainingStage stage)
    {
        if (stage.Losses.Lpips > 0 && Perceptual.Lpips is null)
        {
            yield return $"Losses.Lpips is {stage.Losses.Lpips}, but Perceptual.Lpips names no weights: name their file, or set the loss to 0.";
        }

        if (stage.Losses.VggFeatures > 0 && Perceptual.Vgg is null)
        {
            yield return $"Losses.VggFeatures is {stage.Losses.VggFeatures}, but Perceptual.Vgg names no weights: name their file, or set the loss to 0.";
        }
    }
}
