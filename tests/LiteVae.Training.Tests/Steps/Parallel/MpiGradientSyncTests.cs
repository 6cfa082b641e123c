using System.Globalization;
using System.Runtime.InteropServices;
using LiteVae.Tests;

namespace LiteVae.Training.Tests;

/// <summary>Ranks that do the same: real processes, started by mpirun.</summary>
public sealed class MpiGradientSyncTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Averages_are_right_and_the_same_to_the_last_bit_on_all_ranks(int ranks)
    {
        var result = (await Mpirun.Run(ranks, "average")).ExpectSuccess();

        Assert.All(result.Of("error"), error => Assert.True(double.Parse(error, CultureInfo.InvariantCulture) < 2e-6, error)); // values up to 7, float32: half a bit is 2.4e-7
        Assert.Equal(ranks, result.Of("bits").Length);
        Assert.Single(result.Of("bits").Distinct());
    }

    [Fact]
    public async Task Two_ranks_with_half_of_each_batch_learn_what_one_learns_from_the_whole()
    {
        using var folder = new TemporaryFolder();
        (await Mpirun.Run(2, "train", folder.At("two"))).ExpectSuccess();
        (await Mpirun.Finish(Mpirun.StartAlone([], "train", folder.At("one")))).ExpectSuccess();

        var first = File.ReadAllBytes(folder.At("two0"));
        Assert.Equal(first, File.ReadAllBytes(folder.At("two1")));
        var (two, one) = (MemoryMarshal.Cast<byte, float>(first).ToArray(), MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(folder.At("one0"))).ToArray());
        Assert.Equal(one.Length, two.Length);
        Assert.True(one.Length > 10_000);
        Assert.InRange(one.Zip(two, (a, b) => Math.Abs(a - b)).Max(), 0, 1e-5f); // each weight has moved by up to 20 steps of 1e-4
    }

    [Fact]
    public async Task A_rank_that_asks_to_stop_stops_all_at_the_same_step() =>
        Assert.Equal(["5", "5"], (await Mpirun.Run(2, "stop")).ExpectSuccess().Of("stopped"));

    [Fact]
    public async Task Ranks_of_one_machine_know_their_places_and_share_its_cores()
    {
        var threads = Math.Max(1, Environment.ProcessorCount / 2);
        Assert.Equal([$"2 0 2 {threads}", $"2 1 2 {threads}"], (await Mpirun.Run(2, "place")).ExpectSuccess().Of("place"));
    }

    [Fact]
    public async Task Unequal_weights_are_refused_and_their_rank_is_named()
    {
        var result = await Mpirun.Run(3, "unequal");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("The weights of rank 1 differ from rank 0's", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Weights_that_differ_by_rounding_are_let_be_and_such_that_have_moved_away_are_named()
    {
        (await Mpirun.Run(3, "close", "1.0001")).ExpectSuccess();
        var result = await Mpirun.Run(3, "close", "1.1");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("The weights of rank 1 have moved away from rank 0's: second has norm 0.3889, not 0.3536", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ranks_wait_for_the_first_longer_than_their_patience_as_long_as_it_lives()
    {
        Assert.Equal(["7"], (await Mpirun.Run(2, "first", "7")).ExpectSuccess().Of("worked")); // seconds, with a patience of 5
        var result = await Mpirun.Run(2, "first", "0");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("Rank 1 of 2 waited 5 s for the other ranks", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DotNet_still_catches_a_null_reference() =>
        Assert.Equal(["null", "null"], (await Mpirun.Run(2, "null")).ExpectSuccess().Of("caught"));
}
