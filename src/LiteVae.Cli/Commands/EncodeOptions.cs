using System.CommandLine;

namespace LiteVae.Cli.Commands;

/// <summary>Options of the commands that fill a store.</summary>
internal static class EncodeOptions
{
    /// <summary>--batch.</summary>
    public static Option<int> Batch() =>
        new Option<int>("--batch") { HelpName = "N", Description = "Images that go through the encoder at once; the result does not depend on it", DefaultValueFactory = _ => 8 }.InRange(1, 1024);

    /// <summary>--task and --tasks, of which one says which share of the job this process does.</summary>
    public static (Option<string?> Task, Option<int?> Tasks) Share()
    {
        var task = new Option<string?>("--task") { HelpName = "I/N", Description = "Do share I of N, counted from 0; by itself in a Slurm array" };
        var tasks = new Option<int?>("--tasks") { HelpName = "N", Description = "Do the share of N that JOB_COMPLETION_INDEX (Kubernetes) or SLURM_ARRAY_TASK_ID says" }.InRange(1, int.MaxValue);
        task.Require(text => EncodeTask.TryParse(text, out _), "give the share and how many there are, such as 0/4 for the first of four");
        return (task, tasks);
    }

    /// <summary>Refuses --task with --tasks, as wrong usage.</summary>
    public static void RequireOneShare(Command command, Option<string?> task, Option<int?> tasks) => command.Validators.Add(result =>
    {
        if (result.Has(task) && result.Has(tasks))
        {
            result.AddError("--task and --tasks exclude one another.");
        }
    });

    /// <summary>The share that the options, or the environment, name.</summary>
    /// <exception cref="ArgumentException">The environment makes no sense.</exception>
    public static EncodeTask TaskOf(string? task, int? tasks) => EncodeTask.TryParse(task, out var share) ? share : EncodeTask.FromEnvironment(tasks);

    /// <summary>Refuses a text that cannot be read, as wrong usage.</summary>
    public static void Require(this Option<string?> option, Func<string, bool> isGood, string wanted) => option.Validators.Add(result =>
    {
        foreach (var token in result.Tokens.Where(token => !isGood(token.Value)))
        {
            result.AddError($"{option.Name} is '{token.Value}'; {wanted}.");
        }
    });
}
