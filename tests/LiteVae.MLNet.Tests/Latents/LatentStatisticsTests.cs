namespace LiteVae.Tests.Latents;

public sealed class LatentStatisticsTests
{
    [Fact]
    public void Two_images_of_two_channels_by_hand()
    {
        var statistics = new LatentStatistics(2);
        statistics.Add([1, 3, /* channel 1 */ 10, 10]);
        statistics.Add([5, 7, 9, 11, /* channel 1 */ 20, 20, 20, 20]); // another size

        // Channel 0: 1 3 5 7 9 11, mean 6, squares 2 (1 + 9 + 25) = 70. Channel 1: 10 10 20 20 20 20, mean 100 / 6, squares 2 (20/3)^2 + 4 (10/3)^2.
        Assert.Equal(2, statistics.Images);
        Assert.Equal([6, 100 / 6.0], statistics.Means, (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal([Math.Sqrt(70 / 6.0), Math.Sqrt(1200 / 9.0 / 6)], statistics.Deviations, (a, b) => Math.Abs(a - b) < 1e-12);

        double[] all = [1, 3, 5, 7, 9, 11, 10, 10, 20, 20, 20, 20];
        Assert.Equal(all.Average(), statistics.Mean, 1e-12);
        Assert.Equal(Math.Sqrt(all.Average(v => Math.Pow(v - all.Average(), 2))), statistics.Deviation, 1e-12);
    }

    [Fact]
    public void A_large_mean_does_not_drown_a_small_deviation()
    {
        // The textbook formula, mean of squares minus square of the mean, loses all of it: 1e6^2 needs 13 digits more than the deviation has.
        var statistics = new LatentStatistics(1);
        for (var i = 0; i < 1000; i++)
        {
            statistics.Add([1e6f - 0.25f, 1e6f + 0.25f]);
        }

        Assert.Equal(0.25, statistics.Deviation, 1e-9);
        Assert.Equal(1e6, statistics.Mean, 1e-6);
    }

    [Fact]
    public void Parts_gathered_apart_merge_to_the_whole()
    {
        var random = new Random(3);
        var images = Enumerable.Range(0, 20).Select(_ => Enumerable.Range(0, 12).Select(_ => random.NextSingle() * 5).ToArray()).ToList();
        var (whole, left, right) = (new LatentStatistics(3), new LatentStatistics(3), new LatentStatistics(3));
        images.ForEach(image => whole.Add(image));
        images.Take(7).ToList().ForEach(image => left.Add(image));
        images.Skip(7).ToList().ForEach(image => right.Add(image));
        left.Merge(right);
        left.Merge(new LatentStatistics(3));

        Assert.Equal(whole.Images, left.Images);
        Assert.Equal(whole.Means, left.Means, (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(whole.Deviations, left.Deviations, (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void Values_that_are_not_finite_and_shapes_that_do_not_fit_are_refused()
    {
        var statistics = new LatentStatistics(2);
        Assert.Contains("Channel 1 of the latent of image 0", Assert.Throws<InvalidDataException>(() => statistics.Add([1, 2, 3, float.NaN])).Message);
        Assert.Throws<ArgumentException>(() => statistics.Add([1, 2, 3]));
        Assert.Throws<ArgumentException>(() => statistics.Add([]));
    }
}
