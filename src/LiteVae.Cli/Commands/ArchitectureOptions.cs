using System.CommandLine;

namespace LiteVae.Cli.Commands;

/// <summary>The options that name an architecture.</summary>
internal static class ArchitectureOptions
{
    /// <summary>--preset.</summary>
    public static Option<string?> Preset()
    {
        var option = new Option<string?>("--preset") { HelpName = "S|B|M|L", Description = "Size of the encoder, as in the paper" };
        option.AcceptOnlyFromAmong("S", "B", "M", "L");
        return option;
    }

    /// <summary>--latent-channels.</summary>
    public static Option<int?> LatentChannels() =>
        new Option<int?>("--latent-channels") { HelpName = "N", Description = "Channels of the latent: 4, 12 or 16 in the paper" }.InRange(1, 256);

    /// <summary>--decoder.</summary>
    public static Option<string?> Decoder()
    {
        var option = new Option<string?>("--decoder") { HelpName = "paper|compact", Description = "Stable Diffusion's decoder (49.5 M parameters), or a small norm-free one (2.3 M)" };
        option.AcceptOnlyFromAmong("paper", "compact");
        return option;
    }
}
