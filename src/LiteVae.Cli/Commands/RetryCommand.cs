using System.CommandLine;
using LiteVae.Cli.Reports;

namespace LiteVae.Cli.Commands;

/// <summary><c>litevae latents retry</c>: the failed images of a store once more.</summary>
internal static class RetryCommand
{
    private sealed record Settings(string Store, string? Model, int Batch, EncodeTask Task, string Device, string? Json);

    public static Command Create()
    {
        var store = LatentsCommand.Store();
        var model = CommonOptions.Model();
        var batch = EncodeOptions.Batch();
        var (task, tasks) = EncodeOptions.Share();
        var device = CommonOptions.Device();
        var json = CommonOptions.Json();
        var command = new Command("retry", "Encode what failed, and only that; afterwards the store is as if it had not failed") { store, model, batch, task, tasks, device, json };
        EncodeOptions.RequireOneShare(command, task, tasks);
        command.SetAction(parsed => Run(new Settings(
            parsed.GetRequiredValue(store),
            parsed.GetValue(model),
            parsed.GetValue(batch),
            EncodeOptions.TaskOf(parsed.GetValue(task), parsed.GetValue(tasks)),
            parsed.GetRequiredValue(device),
            parsed.GetValue(json))));
        return command;
    }

    private static int Run(Settings settings)
    {
        // what to do
        var output = new Output(settings.Json);
        var (plan, _) = StorePlan.Read(new StorePaths(settings.Store).Plan);
        using var model = LiteVaeModel.Load(settings.Model, new LiteVaeModelOptions { Device = settings.Device, TileSize = plan.Settings.TileSize });
        var job = new RetryJob(model, settings.Store, settings.Batch, settings.Task);

        // the images
        using var interruption = new Interruption("the parts in progress are dropped; those written anew are kept.");
        RetryResult result;
        using (var progress = new EncodeProgressLine())
        {
            result = job.Run(progress, interruption.Token);
        }

        // what came of it
        var shares = settings.Task.Count == 1 ? "" : $" in the parts of task {settings.Task}";
        output.Text.WriteLine(result.Failed == 0
            ? $"Nothing has failed{shares} in {settings.Store}."
            : $"{result.Encoded} of {Counted.Of(result.Failed, "failed image")}{shares} encoded now, {result.Left} not; {Counted.Of(result.Parts, "part")} of {settings.Store} written anew{(result.IsComplete ? "" : ", which is not complete yet")}.");
        output.Json(new { store = settings.Store, task = settings.Task.ToString(), result.Failed, result.Encoded, result.Left, result.Parts, result.IsComplete });
        return result.Left == 0 ? ExitCode.Done : ExitCode.Partial;
    }
}
