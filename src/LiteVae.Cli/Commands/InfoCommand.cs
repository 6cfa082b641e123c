using System.CommandLine;
using System.Globalization;
using LiteVae.Cli.Reports;
using LiteVae.Training;

namespace LiteVae.Cli.Commands;

/// <summary><c>litevae info</c>: size and work of a model or a preset.</summary>
internal static class InfoCommand
{
    private const int Side = 256;

    private sealed record Settings(string? Model, string? Preset, int? LatentChannels, string? Decoder, bool Table, string? Json);

    public static Command Create()
    {
        var model = CommonOptions.Model();
        var preset = ArchitectureOptions.Preset();
        var channels = ArchitectureOptions.LatentChannels();
        var decoder = ArchitectureOptions.Decoder();
        var table = new Option<bool>("--table") { Description = "All presets, beside what the paper says" };
        var json = CommonOptions.JsonOrStandardOutput();
        var command = new Command("info", "Parameters and multiply-adds by part, receptive field, least tile, config: of a model, or of a preset (with the paper's decoder unless --decoder says otherwise); of another program's model what its graphs say") { model, preset, channels, decoder, table, json };
        command.Validators.Add(result =>
        {
            var named = result.Has(preset);
            if (result.Has(model) && named)
            {
                result.AddError("--model and --preset exclude one another.");
            }

            if (!named && (result.Has(channels) || result.Has(decoder)))
            {
                result.AddError("--latent-channels and --decoder go with --preset.");
            }
        });
        command.SetAction(parsed => Run(new Settings(
            parsed.GetValue(model), parsed.GetValue(preset), parsed.GetValue(channels), parsed.GetValue(decoder), parsed.GetValue(table), parsed.GetValue(json))));
        return command;
    }

    private static int Run(Settings settings)
    {
        var output = new Output(settings.Json);
        if (settings.Table)
        {
            PresetTable.Write(output, Side);
            return ExitCode.Done;
        }

        var folder = settings.Preset is null ? ModelFolder.Open(settings.Model) : null;
        if (folder is { Config.Architecture: null })
        {
            GraphSummary.Write(output, folder);
            return ExitCode.Done;
        }

        var config = folder?.Config;
        var architecture = config?.Architecture ?? TrainingSettings.ArchitectureOf(settings.Preset!, settings.LatentChannels ?? 12, settings.Decoder ?? "paper");
        NetworkSummary summary;
        try
        {
            summary = NetworkSummary.Of(architecture, Side, Side);
        }
        catch (DllNotFoundException e) when (folder is not null)
        {
            GraphSummary.Write(output, folder);
            output.Text.WriteLine($"The parameters are those of the graphs, after what never changes was folded. Parts and multiply-adds are not told: {e.Message}");
            return ExitCode.Done;
        }

        output.Text.WriteLine(config?.Name ?? $"LiteVAE-{settings.Preset}, {architecture.LatentChannels} latent channels");
        var table = new TextTable("part", ">parameters", $">multiply-adds at {Side} x {Side}");
        Add(table, "encoder", summary.Encoder);
        Add(table, "decoder", summary.Decoder);
        table.Write(output);
        output.Text.WriteLine($"receptive field: encoder {Field(summary.Encoder)}, decoder {Field(summary.Decoder)}");
        var tiling = folder is null ? null : TilingSummary.Of(folder);
        if (config is not null)
        {
            tiling!.Write(output);
            output.Text.WriteLine(config.ToJson());
        }

        output.Json(new
        {
            model = config?.Name,
            image = new { width = Side, height = Side },
            encoder = summary.Encoder,
            decoder = summary.Decoder,
            tiling,
            architecture,
            config,
        });
        return ExitCode.Done;
    }

    private static void Add(TextTable table, string name, NetworkHalf half)
    {
        table.Add(name, Count(half.Parameters), Count(half.MultiplyAdds));
        foreach (var part in half.Parts)
        {
            table.Add($"  {part.Name}", Count(part.Parameters), Count(part.MultiplyAdds));
        }
    }

    private static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Field(NetworkHalf half) => half.ReceptiveField is { } pixels ? $"{pixels} x {pixels} pixels" : "the whole image";
}
