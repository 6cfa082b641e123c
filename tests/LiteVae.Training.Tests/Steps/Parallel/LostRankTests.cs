using System.Diagnostics;
using System.Globalization;

namespace LiteVae.Training.Tests;

/// <summary>A rank that is lost, fails or goes another way: the others end too, and soon.</summary>
public sealed class LostRankTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30); // it takes one or two; a busy machine takes longer

    [Theory]
    [InlineData("KILL", 1)] // the rank that the other one waits for
    [InlineData("TERM", 0)] // the one that waits
    public async Task A_signal_to_one_rank_ends_all(string signal, int rank)
    {
        var mpirun = Mpirun.Start(2, "wait");
        var ids = new int[2];
        for (var i = 0; i < 2; i++)
        {
            var words = (await mpirun.StandardOutput.ReadLineAsync())!.Trim().Split(' ');
            Assert.Equal("process", words[1]);
            ids[words[0] == "0" ? 0 : 1] = int.Parse(words[2], CultureInfo.InvariantCulture);
        }

        using (var kill = Process.Start("kill", [$"-{signal}", ids[rank].ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        var clock = Stopwatch.StartNew();
        var result = await Mpirun.Finish(mpirun);
        while (!ids.All(HasEnded) && clock.Elapsed < Soon)
        {
            await Task.Delay(100); // mpirun does not wait for the last one
        }

        Assert.NotEqual(0, result.ExitCode);
        Assert.All(ids, id => Assert.True(HasEnded(id), $"process {id} is still there"));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, Soon);

        // gone, or dead and not yet waited for by its parent
        static bool HasEnded(int id)
        {
            try
            {
                return File.ReadAllText($"/proc/{id}/stat").Split(')').Last().StartsWith(" Z", StringComparison.Ordinal);
            }
            catch (IOException)
            {
                return true;
            }
        }
    }

    [Fact]
    public async Task A_rank_that_throws_ends_the_others()
    {
        var result = await Mpirun.Run(3, "leave");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("InvalidDataException: rank 1 could not read its picture", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rank_that_aborts_says_why_and_gives_its_exit_code()
    {
        var result = await Mpirun.Run(2, "abort");
        Assert.Equal(7, result.ExitCode);
        Assert.Contains("Rank 1 of 2: no more of this", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_has_an_end_that_says_for_what()
    {
        var result = await Mpirun.Run(2, "late");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("TimeoutException: Rank 0 of 2 waited 2 s for the other ranks to sum 1 numbers", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ranks_that_do_different_things_are_told_so()
    {
        var result = await Mpirun.Run(2, "elsewhere");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("another rank came to something else", result.Error, StringComparison.Ordinal);
    }
}
