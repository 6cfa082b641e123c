namespace LiteVae.Training.Tests.Data;

public sealed class BulkGaussianTests
{
    private const int Many = 1_000_003; // the last block is not full

    private static readonly float[] Numbers = Draw(Many, stream: 0);

    [Fact]
    public void Moments_are_those_of_the_standard_normal()
    {
        // five standard errors each
        Assert.Equal(0, Moment(1), 5 / Math.Sqrt(Many));
        Assert.Equal(1, Moment(2), 5 * Math.Sqrt(2.0 / Many));
        Assert.Equal(0, Moment(3), 5 * Math.Sqrt(15.0 / Many));
        Assert.Equal(3, Moment(4), 5 * Math.Sqrt(96.0 / Many));

        static double Moment(int power) => Numbers.Average(number => Math.Pow(number, power));
    }

    [Fact]
    public void The_distribution_is_the_standard_normal_out_to_its_tails()
    {
        // shares below a bound, from a table of the standard normal
        foreach (var (bound, share) in new[] { (-4.0, 3.167e-5), (-3, 1.350e-3), (-2, 0.022750), (-1, 0.158655), (0, 0.5), (0.5, 0.691462), (1.5, 0.933193), (3, 0.998650), (4, 0.99996833) })
        {
            Assert.Equal(share, Numbers.Count(number => number < bound) / (double)Many, 5 * Math.Sqrt(share * (1 - share) / Many));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(512)] // the other number of a pair
    [InlineData(1024)]
    public void Numbers_tell_nothing_of_those_further_on(int distance)
    {
        Assert.Equal(0, Numbers.Zip(Numbers.Skip(distance), (a, b) => (double)a * b).Average(), 5 / Math.Sqrt(Many));
        Assert.Equal(1, Numbers.Zip(Numbers.Skip(distance), (a, b) => (double)a * a * b * b).Average(), 5 * Math.Sqrt(8.0 / Many));
    }

    [Fact]
    public void A_stream_is_the_same_however_much_of_it_is_drawn_and_others_differ()
    {
        Assert.All([1, 7, 511, 513, 1025, 3000], length => Assert.Equal(Numbers[..length], Draw(length, stream: 0)));
        var other = Draw(Many, stream: 1);
        Assert.Equal(0, Numbers.Zip(other, (a, b) => (double)a * b).Average(), 5 / Math.Sqrt(Many));
    }

    private static float[] Draw(int count, ulong stream)
    {
        var numbers = new float[count];
        BulkGaussian.Fill(numbers, new CounterRandom(17, stream));
        return numbers;
    }
}
