namespace LiteVae.Training.Tests.Progress;

public sealed class BusyMachineTests
{
    [Theory]
    [InlineData("0.12 0.30 0.20 1/90 4711", 2)]
    [InlineData("9.60 3.10 1.20 5/900 4711", 32)]
    public void A_quiet_machine_is_not_spoken_of(string loads, int processors) => Assert.Null(BusyMachine.Warning(loads, processors));

    [Theory]
    [InlineData("1.06 0.30 0.20 1/90 4711", 2, "1.1 on 2 processors", "1 here")]
    [InlineData("12.00 3.10 1.20 5/900 4711", 16, "12.0 on 16 processors", "4 here")]
    [InlineData("40.51 3.10 1.20 5/900 4711", 16, "40.5 on 16 processors", "1 here")]
    public void A_busy_one_is_with_what_to_do(string loads, int processors, string what, string remedy)
    {
        var warning = BusyMachine.Warning(loads, processors);
        Assert.Contains(what, warning, StringComparison.Ordinal);
        Assert.Contains($"OMP_NUM_THREADS to the processors that are free, {remedy}", warning, StringComparison.Ordinal);
    }
}
