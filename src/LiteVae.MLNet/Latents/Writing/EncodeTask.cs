using System.Globalization;

namespace LiteVae;

/// <summary>A share of a job that several processes do, on one machine or on many: task i of n does the parts p with p mod n = i.</summary>
/// <param name="Index">Which one, 0 to <paramref name="Count"/> - 1.</param>
/// <param name="Count">How many there are.</param>
public readonly record struct EncodeTask(int Index, int Count)
{
    /// <summary>All of it.</summary>
    public static EncodeTask Whole { get; } = new(0, 1);

    /// <summary>Reads i/n, such as 0/4.</summary>
    /// <param name="text">The text.</param>
    /// <param name="task">The task, its index below its count.</param>
    public static bool TryParse(string? text, out EncodeTask task)
    {
        task = Whole;
        if (text?.Split('/') is not [var index, var count] || !IsNumber(index, out var i) || !IsNumber(count, out var n) || i >= n)
        {
            return false;
        }

        task = new EncodeTask(i, n);
        return true;
    }

    /// <summary>
    /// The task that this process is by its environment: of a Slurm array (<c>SLURM_ARRAY_TASK_ID</c> with <c>_MIN</c>, <c>_STEP</c> and <c>_COUNT</c>), or of an indexed
    /// Kubernetes job (<c>JOB_COMPLETION_INDEX</c>). Without either it is the whole.
    /// </summary>
    /// <param name="count">
    /// How many tasks there are; null where the environment says it, as Slurm does. Given with a Slurm array, <c>SLURM_ARRAY_TASK_ID</c> itself is the index, so that a few tasks of an array can be run again.
    /// </param>
    /// <param name="variable">Looks up a variable; null for the process's own.</param>
    /// <exception cref="ArgumentException">A variable makes no sense, or the number of tasks is known and the index is not, or the other way round.</exception>
    public static EncodeTask FromEnvironment(int? count = null, Func<string, string?>? variable = null)
    {
        variable ??= Environment.GetEnvironmentVariable;
        const string slurm = "SLURM_ARRAY_TASK_ID";
        const string kubernetes = "JOB_COMPLETION_INDEX";
        if (Value(slurm) is { } id)
        {
            return count is { } tasks ? Checked(slurm, id, tasks)
                : Checked(slurm, (id - (Value("SLURM_ARRAY_TASK_MIN") ?? 0)) / Math.Max(1, Value("SLURM_ARRAY_TASK_STEP") ?? 1), Value("SLURM_ARRAY_TASK_COUNT") ?? throw new ArgumentException("SLURM_ARRAY_TASK_ID is set and SLURM_ARRAY_TASK_COUNT is not: say how many tasks there are (--tasks N)."));
        }

        if (Value(kubernetes) is { } index)
        {
            return Checked(kubernetes, index, count ?? throw new ArgumentException($"{kubernetes} is {index}, so this is one of several tasks: say how many there are, the job's 'completions' (--tasks N)."));
        }

        return count is null or 1 ? Whole
            : throw new ArgumentException($"There are {count} tasks, and neither {slurm} nor {kubernetes} says which one this is: name it (--task i/{count}).");

        int? Value(string name) => variable(name) is not { Length: > 0 } text ? null
            : IsNumber(text, out var value) ? value
            : throw new ArgumentException($"{name} is '{FaultText.Printable(text)}'; it must be a whole number.");

        static EncodeTask Checked(string name, int index, int count) => index < count && index >= 0 ? new EncodeTask(index, count)
            : throw new ArgumentException($"{name} gives the task {index} of {count}; tasks are numbered from 0 on.");
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Index}/{Count}");

    private static bool IsNumber(string text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
