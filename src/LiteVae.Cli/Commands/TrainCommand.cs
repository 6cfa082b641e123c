using System.CommandLine;
using System.Globalization;
using LiteVae.Cli.Reports;
using LiteVae.Training;

namespace LiteVae.Cli.Commands;

/// <summary><c>litevae train</c>: photos to checkpoints.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var data = new Option<string?>("--data") { HelpName = "DIR", Description = "Folder of training images, searched with its subfolders, or a .txt list of paths" };
        var output = new Option<string>("--out") { Required = true, HelpName = "RUN", Description = "Run folder: options, checkpoints, log, curve, pictures" };
        var recipe = Recipe();
        var from = new Option<string?>("--from") { HelpName = "MODEL", Description = "Start from a trained model's weights: a model folder, a weight file, or the name of a model that ships" };
        var preset = ArchitectureOptions.Preset();
        var channels = ArchitectureOptions.LatentChannels();
        var decoder = ArchitectureOptions.Decoder();
        var file = new Option<string?>("--options") { HelpName = "FILE.json", Description = "Options; what the command line says comes after" };
        var set = new Option<string[]>("--set") { HelpName = "PATH=VALUE", Description = "One option, such as Stages[0].Steps=1000; --dry-run shows all of them", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };
        var lpips = new Option<string[]>("--lpips")
        {
            HelpName = "FILE [HEADS]", Arity = new ArgumentArity(1, 2), AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [],
            Description = "LPIPS' weights, as safetensors in torchvision's names, and its heads where they are in a file of their own: for the loss and the evaluation",
        };
        var evaluate = new Option<string?>("--eval") { HelpName = "DIR", Description = "Held-out images to evaluate on as training goes on: a folder, or a .txt list of paths" };
        var resume = new Option<bool>("--resume") { Description = "Go on from the run folder's newest checkpoint, with its options unless --options or --recipe names others" };
        var device = new Option<string?>("--device") { HelpName = "cpu|cuda:0", Description = "Where to train" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Print the options and stop" };
        var json = CommonOptions.Json();
        var command = new Command("train", "Train a model on a folder of photos") { data, output, recipe, from, preset, channels, decoder, file, set, lpips, evaluate, resume, device, dryRun, json };
        command.SetAction(parsed => Run(new TrainingSettings(
            parsed.GetValue(data), parsed.GetRequiredValue(output), parsed.GetValue(recipe), parsed.GetValue(from), parsed.GetValue(preset), parsed.GetValue(channels), parsed.GetValue(decoder), parsed.GetValue(file),
            parsed.GetRequiredValue(set), parsed.GetRequiredValue(lpips), parsed.GetValue(evaluate), parsed.GetValue(resume), parsed.GetValue(device), parsed.GetValue(dryRun), parsed.GetValue(json))));
        return command;
    }

    private static Option<string?> Recipe()
    {
        var recipe = new Option<string?>("--recipe") { HelpName = "paper|small", Description = "Start from a named set of options: the paper's, or one for a few thousand photos and a CPU" };
        recipe.AcceptOnlyFromAmong("paper", "small"); // not TrainingRecipe.Names: to ask for them would load libtorch for every command
        return recipe;
    }

    private static int Run(TrainingSettings settings)
    {
        // what to do
        var output = new Output(settings.Json, isSilent: !ParallelLaunch.Read(Environment.GetEnvironmentVariable).IsFirst); // of several processes, under mpirun
        var options = settings.Build(output.Text.WriteLine);
        if (settings.DryRun)
        {
            output.Text.WriteLine(options.ToJson());
            return ExitCode.Done;
        }

        // the training
        NativeTorch.EnsureLoaded(); // without it nothing below would be true
        var page = Path.Combine(settings.Out, "report.html");
        output.Text.WriteLine($"{page} shows the run as it goes.{(options.Architecture.LinearCode is null || options.StartFrom is not null || settings.Resume ? "" : " A linear code is fitted to the photos before the first step.")}");
        using var interruption = new Interruption("the step in progress is finished, then a checkpoint is written.");
        using var line = new ProgressLine("train", options.TotalSteps);
        var failures = 0;
        var trainer = new LiteVaeTrainer(options)
        {
            OnImageFailure = message =>
            {
                Interlocked.Increment(ref failures);
                line.Say($"left out: {message}");
            },
            OnWarning = warning => line.Say($"warning: {warning}"),
        };
        var progress = new Latest<TrainingProgress>(report => line.Report(report.StepsDone == report.TotalSteps, () => Text(report), () => Json(report)));
        string checkpoint;
        try
        {
            checkpoint = trainer.Train(settings.Resume, progress, interruption.Token);
        }
        catch (TrainingDivergedException e)
        {
            line.Say($"{e.Message} ({ResumeCommand(settings)} --set {LowerRate(options, e.Step)})");
            return ExitCode.Nothing;
        }

        // the result
        line.Dispose();
        failures = Math.Max(failures, progress.Value?.FailedImages ?? 0); // those of other processes too
        var finished = checkpoint == new CheckpointFolder(options.Output).PathOf(options.TotalSteps);
        output.Text.WriteLine($"checkpoint: {checkpoint}");
        output.Text.WriteLine($"report: {page}");
        output.Text.WriteLine(finished ? $"Export it: litevae export {settings.Out} --out MODEL" : $"Stopped. To continue: {ResumeCommand(settings)}. It can be exported as it is: litevae export {settings.Out} --out MODEL");
        output.Json(new { checkpoint, finished, total_steps = options.TotalSteps, last = progress.Value is { } last ? Json(last) : null, failed_images = failures });
        return !finished ? ExitCode.Interrupted : failures == 0 || output.IsSilent ? ExitCode.Done : ExitCode.Partial; // the first of several processes tells failures for all
    }

    /// <summary>Half of the learning rate that a step had.</summary>
    private static string LowerRate(LiteVaeTrainerOptions options, long step)
    {
        var stage = 0;
        for (var end = (long)options.Stages[0].Steps; step >= end; end += options.Stages[stage].Steps)
        {
            stage++;
        }

        var (path, rate) = options.Stages[stage].LearningRate is { } own ? ($"Stages[{stage}].LearningRate", own) : ("LearningRate", options.LearningRate);
        return string.Create(CultureInfo.InvariantCulture, $"{path}.Peak={rate.Peak / 2:R}");
    }

    private static string ResumeCommand(TrainingSettings settings) => $"litevae train --resume --out {settings.Out}";

    private static string Text(TrainingProgress report) => string.Create(
        CultureInfo.InvariantCulture,
        $"step {report.StepsDone}/{report.TotalSteps}, loss {report.Losses.Total:0.0000}, PSNR {report.Losses.Psnr:0.0} dB{Evaluated(report.Evaluation)}, {report.ImagesPerSecond:0.0} images/s, waits {report.WaitShare:0.0%}, {ProgressLine.Left(report.SecondsLeft)} left, {report.FailedImages} failed");

    private static string Evaluated(TrainingEvaluation? found) =>
        found?.Psnr is { } psnr ? string.Create(CultureInfo.InvariantCulture, $" (held-out {psnr:0.00} at {found.StepsDone})") : "";

    private static object Json(TrainingProgress report) => new
    {
        @event = "progress",
        command = "train",
        done = report.StepsDone,
        total = report.TotalSteps,
        loss = Finite(report.Losses.Total),
        psnr = Finite(report.Losses.Psnr),
        images_per_second = Finite(report.ImagesPerSecond),
        wait_share = Finite(report.WaitShare),
        eta_seconds = Finite(report.SecondsLeft),
        failures = report.FailedImages,
        evaluation = report.Evaluation is { } found
            ? new { done = found.StepsDone, psnr = found.Psnr, ssim = found.Ssim, lpips = found.Lpips, dead_channels = found.DeadChannels, latent_deviation = found.LatentDeviation }
            : null,
    };

    private static double? Finite(double value) => double.IsFinite(value) ? Math.Round(value, 4) : null;
}
