using System.Text.Json.Nodes;
using LiteVae.Training;

namespace LiteVae.Cli.Commands;

/// <summary>What <c>litevae train</c> was told; an absent value is null.</summary>
internal sealed record TrainingSettings(
    string? Data, string Out, string? Preset, int? LatentChannels, string? Decoder, string? Options, string[] Set, bool Resume, string? Device, bool DryRun, string? Json)
{
    private const string DefaultPreset = "S";
    private const int DefaultLatentChannels = 12;
    private const string CompactDecoder = "compact";

    /// <summary>Where the options of a resumed run are.</summary>
    private string RunOptions => Path.Combine(Out, "options.json");

    /// <summary>Puts the run's options together: defaults, then the file's (or those of the run to resume), then the command line's.</summary>
    /// <param name="say">Told what was chosen where nothing was said.</param>
    /// <exception cref="ArgumentException">Something named is not there, or out of range.</exception>
    /// <exception cref="InvalidDataException">The file is not one of options.</exception>
    public LiteVaeTrainerOptions Build(Action<string> say)
    {
        var file = Options ?? (Resume && File.Exists(RunOptions) ? RunOptions : null);
        var options = file is null ? new LiteVaeTrainerOptions() : LiteVaeTrainerOptions.Parse(File.ReadAllText(file), file);
        options = options with
        {
            Architecture = BuildArchitecture(options.Architecture, file is not null, say),
            Data = Data is null ? options.Data : Path.GetFullPath(Data),
            Output = Path.GetFullPath(Out),
            Device = Device ?? options.Device,
        };

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

    /// <summary>The architecture of --preset, --latent-channels and --decoder; one that a file gives stays where none of them is said.</summary>
    private LiteVaeArchitecture BuildArchitecture(LiteVaeArchitecture fromFile, bool hasFile, Action<string> say)
    {
        if (Preset is null && LatentChannels is null && Decoder is null)
        {
            if (!hasFile && !Set.Any(assignment => assignment.StartsWith(nameof(LiteVaeTrainerOptions.Architecture), StringComparison.OrdinalIgnoreCase)))
            {
                say($"No architecture was named: preset {DefaultPreset}, {DefaultLatentChannels} latent channels, compact decoder (--preset, --latent-channels, --decoder).");
            }

            return fromFile;
        }

        if (Decoder is null)
        {
            say("No decoder was named: the compact one (2.3 M parameters). --decoder paper trains Stable Diffusion's (49.5 M), as the paper does.");
        }

        return ArchitectureOf(Preset ?? DefaultPreset, LatentChannels ?? DefaultLatentChannels, Decoder ?? CompactDecoder);
    }

    /// <summary>The architecture of a preset with one of the two named decoders.</summary>
    public static LiteVaeArchitecture ArchitectureOf(string preset, int latentChannels, string decoder) => LiteVaePreset.Get(preset, latentChannels) with
    {
        Decoder = decoder == CompactDecoder ? LiteVaePreset.CompactDecoder : LiteVaePreset.PaperDecoder,
    };
}
