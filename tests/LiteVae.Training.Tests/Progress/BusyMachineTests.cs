namespace LiteVae.Training.Tests.Progress;

public sealed class BusyMachineTests
{
    [Theory]
    [InlineData(0.5, 2)]
    [InlineData(9.5, 32)]
    public void A_quiet_machine_is_not_spoken_of(double used, int processors) => Assert.Null(BusyMachine.Warning(used, processors));

    [Theory]
    [InlineData(0.96, 2, "other programs use 1.0 of this machine's 2 processors", "1 here")]
    [InlineData(12.05, 16, "other programs use 12.1 of this machine's 16 processors", "4 here")]
    [InlineData(16, 16, "other programs use 16.0 of this machine's 16 processors", "1 here")]
    public void A_busy_one_is_with_what_to_do(double used, int processors, string what, string remedy)
    {
        var warning = BusyMachine.Warning(used, processors);
        Assert.Contains(what, warning, StringComparison.Ordinal);
        Assert.Contains($"OMP_NUM_THREADS to the processors that are free, {remedy}", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Idle_time_and_waiting_for_the_disk_are_no_use() => // user nice system idle iowait irq softirq steal guest
        Assert.Equal(11.1, BusyMachine.Busy("cpu  100 200 300 4000 5000 60 70 380 90 0"), 1e-9);
}
