namespace LiteVae.Tests.Inference;

public sealed class PosteriorTests
{
    // Two images, one channel, 1 x 2: means, then log variances.
    private static readonly Posterior Example = new(2, 1, 1, 2, [1, 2, 0, 1, -3, 0.5f, -100, 100]);

    [Fact]
    public void Mean_and_log_variance_are_the_halves_of_the_moments_with_the_log_variance_clamped()
    {
        Assert.Equal([1, 2], Example.Mean(0).ToArray());
        Assert.Equal([-3, 0.5f], Example.Mode(1).ToArray());
        Assert.Equal([0, 1], Example.LogVar(0));
        Assert.Equal([-30, 20], Example.LogVar(1));
    }

    [Fact]
    public void Kl_is_half_the_sum_of_squares_and_variances_less_one_and_log_variance()
    {
        // 0.5 * ((1 + 1 - 1 - 0) + (4 + e - 1 - 1))
        Assert.Equal(0.5 * (1 + 2 + Math.E), Example.Kl(0), 1e-6);
    }

    [Fact]
    public void A_sample_depends_on_seed_and_row_and_not_on_the_place_in_the_batch()
    {
        var twice = new Posterior(2, 1, 1, 2, [1, 2, 0, 1, 1, 2, 0, 1]);
        Assert.Equal(twice.Sample(0, 7, 12), twice.Sample(1, 7, 12));
        Assert.NotEqual(twice.Sample(0, 7, 12), twice.Sample(0, 8, 12));
        Assert.NotEqual(twice.Sample(0, 7, 12), twice.Sample(0, 7, 13));
        Assert.NotEqual(twice.Sample(0, 7, 12), twice.Sample(0, 7, new UInt128(1, 12)));
        Assert.Equal(twice.Sample(1, 7, 1), twice.Sample(1, 7));
    }

    [Fact]
    public void Samples_have_the_mean_and_the_variance_of_the_posterior()
    {
        const int size = 200;
        var moments = new float[2 * size * size];
        moments.AsSpan(0, size * size).Fill(3);
        moments.AsSpan(size * size).Fill(MathF.Log(4));
        var sample = new Posterior(1, 1, size, size, moments).Sample(0, 1);

        var mean = sample.Average(v => (double)v);
        var variance = sample.Average(v => (v - mean) * (v - mean));
        var neighbours = sample.Skip(1).Zip(sample, (a, b) => (a - mean) * (b - mean)).Average();

        // 40,000 draws of standard deviation 2: standard errors 0.01, 0.028 and 0.02; five of them.
        Assert.Equal(3, mean, 0.05);
        Assert.Equal(4, variance, 0.15);
        Assert.Equal(0, neighbours, 0.1);
    }

    [Fact]
    public void The_documented_generator_is_the_one_in_use()
    {
        // SplitMix64 started at 0 gives E220A8397B1DCDAF first (Vigna's reference); as key, seed 0 and row 0 mix to 0.
        var u = ((0xE220A8397B1DCDAFUL >> 11) + 0.5) / Math.Pow(2, 53);
        var v = ((0x6E789E6AA1B965F4UL >> 11) + 0.5) / Math.Pow(2, 53);
        var sample = new Posterior(1, 1, 1, 2, new float[4]).Sample(0, 0, 0);
        Assert.Equal((float)(Math.Sqrt(-2 * Math.Log(u)) * Math.Cos(2 * Math.PI * v)), sample[0], 1e-6f);
        Assert.Equal((float)(Math.Sqrt(-2 * Math.Log(u)) * Math.Sin(2 * Math.PI * v)), sample[1], 1e-6f);
    }

    [Fact]
    public void Moments_of_the_wrong_length_are_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => new Posterior(1, 2, 3, 4, new float[47]));
        Assert.Contains("47 moments; the shape [1, 4, 3, 4] needs 48", error.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => { Example.Mean(2); });
    }
}
