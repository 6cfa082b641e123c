namespace LiteVae.Training.Tests;

public sealed class CpuAffinityTests
{
    [Theory]
    [InlineData("1111", "2222", 2)] // two processes, free to run anywhere
    [InlineData("1100", "1111", 2)] // each on its own half
    [InlineData("1000", "1111", 1)] // each on its own core
    [InlineData("1110", "3330", 1)] // three thirds
    [InlineData("1111", "2211", 3)] // half of two cores, the whole of two
    [InlineData("1100", "4400", 1)] // half a core, but no process is without a thread
    public void A_core_is_divided_among_those_who_may_run_on_it(string own, string users, int threads) =>
        Assert.Equal(threads, CpuAffinity.Share(Digits(own), Digits(users)));

    [Fact]
    public void This_process_may_run_on_as_many_cores_as_dotnet_counts()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads Linux's affinity");
        Assert.True(CpuAffinity.Read().Sum() >= Environment.ProcessorCount); // a container's limit may be lower
    }

    private static double[] Digits(string text) => [.. text.Select(c => (double)(c - '0'))];
}
