using System.CommandLine;
using LiteVae.Cli.Reports;

namespace LiteVae.Cli.Commands;

/// <summary><c>litevae latents merge</c>: several stores into one.</summary>
internal static class MergeCommand
{
    public static Command Create()
    {
        var stores = new Argument<string[]>("STORES") { Arity = ArgumentArity.OneOrMore, Description = "Two or more complete stores of one model and the same sizes, type and preprocessing" };
        var target = new Option<string>("--out") { Required = true, HelpName = "STORE", Description = "The new store's folder; a merge that was interrupted goes on" };
        var json = CommonOptions.Json();
        var command = new Command("merge", "Put stores together into a new one, which is as if all had been encoded at once") { stores, target, json };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(stores), parsed.GetRequiredValue(target), new Output(parsed.GetValue(json))));
        return command;
    }

    private static int Run(string[] stores, string target, Output output)
    {
        using var interruption = new Interruption("the part in progress is dropped; complete ones are kept.");
        (long Images, long Failed) result;
        using (var progress = new ProgressLine("latents merge", 0))
        {
            result = LatentMerge.Run(stores, target, new Latest<long>(done => progress.Report(last: false, () => Counted.Of(done, "source"), () => new { @event = "progress", command = "latents merge", done })), interruption.Token);
        }

        output.Text.WriteLine($"{Counted.Of(result.Images, "image")} in {target}{(result.Failed > 0 ? $"; {result.Failed} had failed" : "")}");
        output.Json(new { images = result.Images, failed = result.Failed, @out = target });
        return ExitCode.Done;
    }
}
