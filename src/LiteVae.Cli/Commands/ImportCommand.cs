using System.CommandLine;
using System.Globalization;
using LiteVae.Cli.Reports;
using LiteVae.Training;

namespace LiteVae.Cli.Commands;

/// <summary><c>litevae import</c>: published weights to a model folder.</summary>
internal static class ImportCommand
{
    private const int MostParts = 20;

    private sealed record Settings(string File, string Out, string? Config, string? Name, string? Data, string? Licence, string? Json);

    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "Weights of open-litevae, of Diffusers' AutoencoderKL or of this program: .safetensors, or PyTorch's .ckpt, .pth or .bin, of which nothing is executed; or a folder with Diffusers' files" };
        var output = new Option<string>("--out") { Required = true, HelpName = "MODEL", Description = "The model folder; a model that is there is replaced" };
        var config = new Option<string?>("--config") { HelpName = "FILE", Description = "The weights' own config; else the config.json beside them, else the architecture is told from the tensors' shapes" };
        var name = new Option<string?>("--name") { HelpName = "NAME", Description = "The model's name; the folder's if absent" }.Line();
        var data = new Option<string?>("--data") { HelpName = "DIR", Description = "Images to measure the latents' scale on, where the config states none; not measured if absent" };
        var licence = new Option<string?>("--licence") { HelpName = "SPDX", Description = "Licence of the weights, for the model card" }.Line();
        var json = CommonOptions.Json();
        var command = new Command("import", "Write published weights as a model folder, and compare it with the network") { file, output, config, name, data, licence, json };
        command.SetAction(parsed => Run(new Settings(
            parsed.GetRequiredValue(file), parsed.GetRequiredValue(output), parsed.GetValue(config), parsed.GetValue(name), parsed.GetValue(data), parsed.GetValue(licence), parsed.GetValue(json))));
        return command;
    }

    private static int Run(Settings settings)
    {
        // the weights
        OnnxExporter.RequireFree(settings.Out);
        var output = new Output(settings.Json);
        using var model = WeightImporter.Import(settings.File, settings.Config);
        output.Text.WriteLine($"{model.WeightFile}: {model.Format}, {model.Tensors} tensors, architecture from {model.ConfigSource ?? "their shapes"}");
        if (model.LeftOut.Count > 0)
        {
            var parts = model.LeftOut.CountBy(tensor => tensor.Split('.', 2)[0]).Select(part => $"{FaultText.Printable(part.Key)} ({part.Value})").ToList();
            output.Text.WriteLine($"left out, no part of the autoencoder: {string.Join(", ", parts.Take(MostParts))}{(parts.Count > MostParts ? $" and {parts.Count - MostParts} more" : "")}");
        }

        // the latents' scale
        var config = model.Config with { Name = ModelExport.NameOf(settings.Name, settings.Out) };
        if (settings.Data is { } images)
        {
            var latents = ModelExport.Measure("import", model.Network, images);
            config = config with { LatentsMean = config.LatentsMean ?? latents.Means, LatentsStd = config.LatentsStd ?? latents.Deviations };
            config = model.Scaling != ScalingSource.NotStated || latents.Deviation == 0 ? config : config with { ScalingFactor = 1 / latents.Deviation, ShiftFactor = latents.Mean };
        }

        var origin = model.Scaling switch
        {
            ScalingSource.Stated => "as the weights' config states",
            ScalingSource.FamilyDefault => $"the default of {model.Format}, since its config names none",
            _ => settings.Data is null ? "not stated; --data DIR measures them" : "measured",
        };
        output.Text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"scaling factor {config.ScalingFactor:0.0000#}, shift {config.ShiftFactor:0.0000}: {origin}"));

        // the folder
        var card = new ModelCard
        {
            Summary = $"An autoencoder imported from weights of {model.Format}: images to latents 1/{config.DownsamplingFactor} of their size along a side, and back.",
            Licence = settings.Licence,
            Training = $"Not here: the weights are those of the file `{Path.GetFileName(model.WeightFile)}`, as 32-bit floats.",
        };
        var parity = ModelExport.Write("import", output, model.Network, config, settings.Out, card);
        output.Json(new
        {
            model = config.Name,
            @out = settings.Out,
            weights = model.WeightFile,
            config_source = model.ConfigSource,
            format = model.Format,
            tensors = model.Tensors,
            left_out = model.LeftOut,
            scaling_factor = config.ScalingFactor,
            shift_factor = config.ShiftFactor,
            worst_error = parity.WorstError,
            tolerance = parity.Tolerance,
            parity = parity.Rows,
        });
        return ExitCode.Done;
    }
}
