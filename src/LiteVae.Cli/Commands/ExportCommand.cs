using System.CommandLine;
using System.Globalization;
using LiteVae.Cli.Reports;
using LiteVae.Training;

namespace LiteVae.Cli.Commands;

/// <summary><c>litevae export</c>: a checkpoint to a model folder.</summary>
internal static class ExportCommand
{
    private sealed record Settings(string Run, string Out, string? Name, string? Data, string? DataName, string? DataLicence, string? Licence, string? Json);

    public static Command Create()
    {
        var run = new Argument<string>("RUN") { Description = "A run folder, of which the newest checkpoint is taken, or a checkpoint file" };
        var output = new Option<string>("--out") { Required = true, HelpName = "MODEL", Description = "The model folder; a model that is there is replaced" };
        var name = new Option<string?>("--name") { HelpName = "NAME", Description = "The model's name; the folder's if absent" }.Line();
        var data = new Option<string?>("--data") { HelpName = "DIR", Description = "Images to measure the latents' scale on; the training images if absent" };
        var dataName = new Option<string?>("--data-name") { HelpName = "TEXT", Description = "What the training data are called, for the model card" }.Line();
        var dataLicence = new Option<string?>("--data-licence") { HelpName = "TEXT", Description = "Their licence" }.Line();
        var licence = new Option<string?>("--licence") { HelpName = "SPDX", Description = "Licence of the weights, for the model card" }.Line();
        var json = CommonOptions.Json();
        var command = new Command("export", "Write a checkpoint's averaged weights as a model folder, and compare it with the network") { run, output, name, data, dataName, dataLicence, licence, json };
        command.Validators.Add(result =>
        {
            if (result.Has(dataName) != result.Has(dataLicence))
            {
                result.AddError("--data-name and --data-licence belong together.");
            }
        });
        command.SetAction(parsed => Run(new Settings(
            parsed.GetRequiredValue(run), parsed.GetRequiredValue(output), parsed.GetValue(name), parsed.GetValue(data), parsed.GetValue(dataName),
            parsed.GetValue(dataLicence), parsed.GetValue(licence), parsed.GetValue(json))));
        return command;
    }

    private static int Run(Settings settings)
    {
        // the weights
        OnnxExporter.RequireFree(settings.Out);
        var output = new Output(settings.Json);
        var path = FindCheckpoint(settings.Run);
        var (network, options, step) = Checkpoint.LoadAverage(path);
        using var owned = network;
        output.Text.WriteLine($"{path}: the averaged weights after {step} of {options.TotalSteps} steps");

        // the latents' scale
        var latents = Measure(network, settings.Data, options.Data, output.Text);
        var isScaled = latents is { Deviation: > 0 };
        var config = RunExport.Config(ModelExport.NameOf(settings.Name, settings.Out), options.Architecture, latents) with
        {
            TrainingData = settings.DataName is { } name ? new LiteVaeTrainingData(name, settings.DataLicence!) : null,
        };
        output.Text.WriteLine(isScaled
            ? string.Create(CultureInfo.InvariantCulture, $"scaling factor {config.ScalingFactor:0.0000}, shift {config.ShiftFactor:0.0000}, over {latents!.Images} images")
            : "scaling factor 1, shift 0: not measured");

        // the folder
        var card = new ModelCard { Licence = settings.Licence, Training = RunExport.Describe(options, step) };
        var parity = ModelExport.Write("export", output, network, config, settings.Out, card);
        output.Json(new
        {
            model = config.Name,
            @out = settings.Out,
            checkpoint = path,
            step,
            scaling_factor = config.ScalingFactor,
            shift_factor = config.ShiftFactor,
            measured_images = isScaled ? latents!.Images : 0,
            worst_error = parity.WorstError,
            tolerance = parity.Tolerance,
            parity = parity.Rows,
        });
        return ExitCode.Done;
    }

    private static string FindCheckpoint(string run)
    {
        if (File.Exists(run))
        {
            return run;
        }

        return Directory.Exists(run)
            ? new CheckpointFolder(run).Newest() ?? throw new FileNotFoundException($"{run}: no checkpoint in this folder: name a run folder of `litevae train`, or a checkpoint file.")
            : throw new DirectoryNotFoundException($"{run}: neither a folder nor a file: name a run folder of `litevae train`, or a checkpoint file.");
    }

    /// <summary>Measures on the named images; on the training images only if they are still there.</summary>
    private static LatentStatistics? Measure(LiteVaeNetwork network, string? named, string trained, TextWriter text)
    {
        if (named is null && !Path.Exists(trained))
        {
            text.WriteLine($"The training images are not at {trained} any more, so the latents' scale cannot be measured: --data DIR names others.");
            return null;
        }

        return ModelExport.Measure("export", network, named ?? trained);
    }
}
