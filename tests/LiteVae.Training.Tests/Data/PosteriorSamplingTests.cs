namespace LiteVae.Training.Tests.Data;

public sealed class PosteriorSamplingTests
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
    [InlineData(8)] // the other number of a pair
    [InlineData(16)]
    public void Numbers_tell_nothing_of_those_further_on(int distance)
    {
        Assert.Equal(0, Numbers.Zip(Numbers.Skip(distance), (a, b) => (double)a * b).Average(), 5 / Math.Sqrt(Many));
        Assert.Equal(1, Numbers.Zip(Numbers.Skip(distance), (a, b) => (double)a * a * b * b).Average(), 5 * Math.Sqrt(8.0 / Many));
    }

    [Fact]
    public void A_stream_is_the_same_however_much_of_it_is_drawn_and_others_differ()
    {
        Assert.All([1, 7, 15, 17, 33, 3000], length => Assert.Equal(Numbers[..length], Draw(length, stream: 0)));
        var other = Draw(Many, stream: 1);
        Assert.Equal(0, Numbers.Zip(other, (a, b) => (double)a * b).Average(), 5 / Math.Sqrt(Many));
    }

    [Fact]
    public void The_deviation_is_the_square_root_of_the_variance_and_clamped()
    {
        // the same noise with every log variance, one for each of a block's places in turn
        float[] logVars = [.. Enumerable.Range(-70, 120).Select(i => i * 0.5f), float.MinValue, float.MaxValue, 0.1f, -0.3f];
        foreach (var logVar in logVars)
        {
            var sample = new float[16];
            PosteriorSampling.Draw(sample, [.. Enumerable.Repeat(logVar, 16)], new CounterRandom(17, 0));
            var deviation = Math.Exp(Math.Clamp(logVar, Posterior.MinLogVar, Posterior.MaxLogVar) / 2.0);
            Assert.All(sample.Zip(Numbers), pair => Assert.Equal(pair.Second * deviation, pair.First, 5e-7 * Math.Abs(pair.Second * deviation)));
        }
    }

    [Fact]
    public void The_noise_is_added_to_the_mean()
    {
        var sample = Enumerable.Range(0, 37).Select(i => (float)i).ToArray();
        PosteriorSampling.Draw(sample, new float[37], new CounterRandom(17, 0));
        Assert.All(sample.Index(), value => Assert.Equal(value.Index + Numbers[value.Index], value.Item, 1e-5));
    }

    private static float[] Draw(int count, ulong stream)
    {
        var numbers = new float[count];
        PosteriorSampling.Draw(numbers, new float[count], new CounterRandom(17, stream));
        return numbers;
    }
}
