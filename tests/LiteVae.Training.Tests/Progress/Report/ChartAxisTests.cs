namespace LiteVae.Training.Tests.Progress.Report;

public sealed class ChartAxisTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(-1e-17, "0")] // a tick at 0, computed
    [InlineData(3.779e-5, "3.779e-5")]
    [InlineData(0.05874, "0.05874")]
    [InlineData(29.6649, "29.66")]
    [InlineData(-999.96, "-1000")]
    [InlineData(9_999.6, "10k")]
    [InlineData(87_400, "87.4k")]
    [InlineData(999_960, "1M")]
    [InlineData(1_500_000, "1.5M")]
    [InlineData(2.5e12, "2.5e12")]
    public void Numbers_have_four_digits(double value, string expected) => Assert.Equal(expected, ChartAxis.Show(value));

    [Fact]
    public void Steps_are_labelled_at_round_numbers() =>
        Assert.Equal([0, 20_000, 40_000, 60_000, 80_000], ChartAxis.Steps(87_400).Ticks());

    [Fact]
    public void Values_are_labelled_at_round_numbers() =>
        Assert.Equal([10, 15, 20, 25, 30], ChartAxis.Values(10.5, 30).Ticks());

    [Fact]
    public void Positive_values_that_are_far_apart_get_a_logarithmic_axis()
    {
        var axis = ChartAxis.Values(0.1, 100);
        Assert.True(axis.IsLogarithmic);
        Assert.Equal(0.5, axis.At(Math.Sqrt(0.1 * 100)), 12);
        Assert.Equal([0.1, 1, 10, 100], axis.Ticks().Select(tick => Math.Round(tick, 9)));

        Assert.False(ChartAxis.Values(0, 100).IsLogarithmic);
        Assert.False(ChartAxis.Values(10, 30).IsLogarithmic);
    }

    [Theory]
    [InlineData(7.0, 0.0, "4 6 8 10")]
    [InlineData(7.0, 1e-12, "4 6 8 10")]
    [InlineData(-7.0, 0.0, "-10 -8 -6 -4")]
    [InlineData(0.0, 0.0, "-1 -0.5 0 0.5 1")]
    [InlineData(0.0, 1e-17, "-1 -0.5 0 0.5 1")] // rounding
    [InlineData(4e-12, 0.0, "2e-12 3e-12 4e-12 5e-12 6e-12")]
    public void All_values_alike_lie_in_the_middle_of_an_axis_of_their_size(double value, double rounding, string ticks)
    {
        var axis = ChartAxis.Values(value, value + rounding);
        Assert.Equal(0.5, axis.At(value), 6);
        Assert.Equal(ticks, string.Join(' ', axis.Ticks().Select(ChartAxis.Show)));
    }
}
