using System.Text.Json.Nodes;
using LiteVae.Training;

namespace LiteVae.Cli.Commands;

/// <summary>What <c>litevae train</c> was told; an absent value is null.</summary>
internal sealed record TrainingSettings(
    string? Data, string Out, string? Recipe, string? From, string? Preset, int? LatentChannels, string? Decoder, string? Options, string[] Set, string[] Lpips, string? Evaluate, bool Resume,
    string? Device, bool DryRun, string? Json)
{
    private const string DefaultPreset = "S";
    private const int DefaultLatentChannels = 12;
    private const string CompactDecoder = "compact";

    /// <summary>Where the options of a resumed run are.</summary>
    private string RunOptions => Path.Combine(Out, "options.json");

    /// <summary>Puts the run's options together: defaults or a recipe, then the file's (or those of the run to resume) in their place, then the command line's.</summary>
    /// <param name="say">Told what was chosen where nothing was said.</param>
    /// <exception cref="ArgumentException">Something named is not there, or out of range.</exception>
    /// <exception cref="InvalidDataException">The file is not one of options.</exception>
    public LiteVaeTrainerOptions Build(Action<string> say)
    {
        if (Recipe is not null && Options is not null)
        {
            throw new ArgumentException($"Both --recipe {Recipe} and --options {Options} say where to start from: name one of them.");
        }

        if (From is not null && (Resume || Preset is not null || LatentChannels is not null || Decoder is not null))
        {
            throw new ArgumentException(Resume
                ? $"--resume goes on from the run's own checkpoint, and --from {From} starts a run: name one of them."
                : $"--from {From} has an architecture of its own: leave --preset, --latent-channels and --decoder out.");
        }

        var file = Options ?? (Recipe is null && Resume && File.Exists(RunOptions) ? RunOptions : null);
        var options = file is not null ? LiteVaeTrainerOptions.Parse(File.ReadAllText(file), file) : Recipe is not null ? TrainingRecipe.Get(Recipe) : new LiteVaeTrainerOptions();
        options = options with
        {
            StartFrom = From is not null && Path.Exists(From) ? Path.GetFullPath(From) : From ?? options.StartFrom,
            Architecture = From is not null ? StartingArchitecture(From) : BuildArchitecture(options.Architecture, file is not null || Recipe is not null, say),
            Data = Data is null ? options.Data : Path.GetFullPath(Data),
            Output = Path.GetFullPath(Out),
            Device = Device ?? options.Device,
            Perceptual = Lpips.Length == 0 ? options.Perceptual : options.Perceptual with { Lpips = Path.GetFullPath(Lpips[0]), LpipsHeads = Lpips.Length > 1 ? Path.GetFullPath(Lpips[1]) : null },
            Evaluation = Evaluate is null ? options.Evaluation : options.Evaluation with { Data = Path.GetFullPath(Evaluate) },
        };
        options = Recipe is null ? options : WithoutLpips(options, say);

        var tree = JsonNode.Parse(options.ToJson())!.AsObject();
        foreach (var assignment in Set)
        {
            OptionPath.Set(tree, assignment);
        }

        options = LiteVaeTrainerOptions.Parse(tree.ToJsonString(), $"--set {string.Join(' ', Set)}");
        if (options.Data.Length == 0)
        {
            throw new ArgumentException("No training images are named: add --data DIR.");
        }

        options.Validate();
        return options;
    }

    /// <summary>A recipe's perceptual loss is off where no weights for it are named: they are not ours to ship.</summary>
    private LiteVaeTrainerOptions WithoutLpips(LiteVaeTrainerOptions options, Action<string> say)
    {
        if (options.Perceptual.Lpips is not null || Set.Any(assignment => assignment.StartsWith("Perceptual.Lpips=", StringComparison.OrdinalIgnoreCase)) || options.Stages.All(stage => stage.Losses.Lpips == 0))
        {
            return options;
        }

        say("The recipe's LPIPS loss is OFF, since no weights for it are named: add --lpips FILE [HEADS] (docs/training.md says where to get them).");
        return options with { Stages = [.. options.Stages.Select(stage => stage with { Losses = stage.Losses with { Lpips = 0 } })] };
    }

    private static LiteVaeArchitecture StartingArchitecture(string model)
    {
        var (network, architecture) = StartingWeights.Read(model);
        network.Dispose();
        return architecture;
    }

    /// <summary>The architecture of --preset, --latent-channels and --decoder; what none of them says is that of the file or the recipe, or else the default.</summary>
    private LiteVaeArchitecture BuildArchitecture(LiteVaeArchitecture given, bool isGiven, Action<string> say)
    {
        if (Preset is null && LatentChannels is null && Decoder is null)
        {
            if (!isGiven && !Set.Any(assignment => assignment.StartsWith(nameof(LiteVaeTrainerOptions.Architecture), StringComparison.OrdinalIgnoreCase)))
            {
                say($"No architecture was named: preset {DefaultPreset}, {DefaultLatentChannels} latent channels, compact decoder (--preset, --latent-channels, --decoder).");
            }

            return given;
        }

        if (Decoder is null && !isGiven)
        {
            say("No decoder was named: the compact one (2.3 M parameters). --decoder paper trains Stable Diffusion's (49.5 M), as the paper does.");
        }

        var channels = LatentChannels ?? given.LatentChannels;
        var named = Preset is null ? given with { LatentChannels = channels } : LiteVaePreset.Get(Preset, channels) with { LinearCode = given.LinearCode };
        return named with { Decoder = Decoder is null ? given.Decoder : DecoderOf(Decoder) };
    }

    /// <summary>The architecture of a preset with one of the two named decoders.</summary>
    public static LiteVaeArchitecture ArchitectureOf(string preset, int latentChannels, string decoder) => LiteVaePreset.Get(preset, latentChannels) with { Decoder = DecoderOf(decoder) };

    private static LiteVaeDecoderShape DecoderOf(string name) => name == CompactDecoder ? LiteVaePreset.CompactDecoder : LiteVaePreset.PaperDecoder;
}
