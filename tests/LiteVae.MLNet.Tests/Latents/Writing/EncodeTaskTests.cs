namespace LiteVae.Tests.Latents.Writing;

public sealed class EncodeTaskTests
{
    [Theory]
    [InlineData("0/1", 0, 1)]
    [InlineData("3/4", 3, 4)]
    public void A_share_is_read(string text, int index, int count)
    {
        Assert.True(EncodeTask.TryParse(text, out var task));
        Assert.Equal(new EncodeTask(index, count), task);
        Assert.Equal(text, task.ToString());
    }

    [Theory]
    [InlineData("4/4")]
    [InlineData("-1/4")]
    [InlineData("1")]
    [InlineData("1/2/3")]
    [InlineData("a/2")]
    [InlineData(null)]
    public void What_is_no_share_is_not(string? text) => Assert.False(EncodeTask.TryParse(text, out _));

    [Theory]
    [InlineData(null, "0/1")]
    [InlineData(null, "2/3", "SLURM_ARRAY_TASK_ID=7", "SLURM_ARRAY_TASK_MIN=3", "SLURM_ARRAY_TASK_STEP=2", "SLURM_ARRAY_TASK_COUNT=3")]
    [InlineData(null, "0/1", "SLURM_ARRAY_TASK_ID=3", "SLURM_ARRAY_TASK_MIN=3", "SLURM_ARRAY_TASK_COUNT=1")] // one task of an array, run again: all that is left
    [InlineData(4, "3/4", "SLURM_ARRAY_TASK_ID=3", "SLURM_ARRAY_TASK_MIN=3", "SLURM_ARRAY_TASK_COUNT=1")] // or what it did before
    [InlineData(5, "4/5", "JOB_COMPLETION_INDEX=4")]
    [InlineData(1, "0/1")]
    public void The_environment_says_which_share(int? count, string expected, params string[] variables) => Assert.Equal(expected, EncodeTask.FromEnvironment(count, Lookup(variables)).ToString());

    [Theory]
    [InlineData(null, "JOB_COMPLETION_INDEX is 4", "JOB_COMPLETION_INDEX=4")]
    [InlineData(4, "gives the task 4 of 4", "JOB_COMPLETION_INDEX=4")]
    [InlineData(4, "gives the task 9 of 4", "SLURM_ARRAY_TASK_ID=9")]
    [InlineData(null, "SLURM_ARRAY_TASK_COUNT is not", "SLURM_ARRAY_TASK_ID=9")]
    [InlineData(null, "SLURM_ARRAY_TASK_ID is 'x'", "SLURM_ARRAY_TASK_ID=x")]
    [InlineData(3, "name it (--task i/3)")]
    public void An_environment_that_makes_no_sense_is_refused(int? count, string reason, params string[] variables) =>
        Assert.Contains(reason, Assert.Throws<ArgumentException>(() => EncodeTask.FromEnvironment(count, Lookup(variables))).Message, StringComparison.Ordinal);

    private static Func<string, string?> Lookup(string[] variables)
    {
        var values = variables.Select(variable => variable.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        return name => values.GetValueOrDefault(name);
    }
}
