namespace LiteVae.Training;

/// <summary>Whole sets of options by name; what is trained on, and where to, is the caller's.</summary>
public static class TrainingRecipe
{
    /// <summary>The recipes' names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["paper", "small"];

    /// <summary>The options of a recipe.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="ArgumentException">There is no such recipe.</exception>
    public static LiteVaeTrainerOptions Get(string name) => name switch
    {
        "paper" => Paper(),
        "small" => Small(),
        _ => throw new ArgumentException($"There is no recipe '{name}'; there are {string.Join(" and ", Names)}.", nameof(name)),
    };

    /// <summary>
    /// LiteVAE section 4 and Table 5: B with 12 channels and Stable Diffusion's decoder, 100,000 steps at 128 pixels, then 50,000 at 256 with the adversary, batch 16, Adam with 1e-4.
    /// The weights, which the paper does not state, are open-litevae's published ones where there are any (paper.md, section 2).
    /// </summary>
    private static LiteVaeTrainerOptions Paper()
    {
        var losses = new LossOptions { Lpips = 1, Kl = 0.01, Wavelet = 1, Gaussian = 0.5 };
        return new LiteVaeTrainerOptions
        {
            Architecture = LiteVaePreset.Get("B", 12) with { Decoder = LiteVaePreset.PaperDecoder },
            Stages =
            [
                new TrainingStage { Resolution = 128, Steps = 100_000, Crop = CropKind.Resized, Losses = losses },
                new TrainingStage { Resolution = 256, Steps = 50_000, Crop = CropKind.Resized, Losses = losses with { Adversarial = 0.1, AdversarialWarmup = 1_000 } },
            ],
        };
    }

    /// <summary>
    /// Some hundreds to thousands of photos and one or two hours of a CPU: S without norms and the compact decoder beside a linear code, nothing that needs weights from elsewhere. Chosen by short runs side by
    /// side (docs/training.md): small batches and crops, a high rate that falls.
    /// </summary>
    private static LiteVaeTrainerOptions Small()
    {
        var architecture = LiteVaePreset.Get("S", 12);
        return new LiteVaeTrainerOptions
        {
            Architecture = architecture with { Encoder = architecture.Encoder with { Norm = BlockNorm.SelfModulated }, Decoder = LiteVaePreset.CompactDecoder, LinearCode = new LiteVaeLinearCode() },
            Stages =
            [
                new TrainingStage { Resolution = 64, Steps = 12_000, BatchSize = 4, Crop = CropKind.Resized },
                new TrainingStage { Resolution = 128, Steps = 1_000, BatchSize = 4 },
            ],
            LearningRate = new LearningRateSchedule { Peak = 1e-3, WarmupSteps = 100, FinalShare = 0.02 },
            EmaDecay = 0.998,
            SampleEvery = 250, // whoever stops it after some minutes has seen pictures
            Evaluation = new EvaluationOptions { Every = 500 },
        };
    }
}
