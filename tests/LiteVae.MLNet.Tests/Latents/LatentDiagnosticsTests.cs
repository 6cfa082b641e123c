namespace LiteVae.Tests.Latents;

public sealed class LatentDiagnosticsTests
{
    [Fact]
    public void Two_images_of_two_channels_by_hand()
    {
        var diagnostics = new LatentDiagnostics(2);
        var ln4 = MathF.Log(4);
        diagnostics.Add(new Posterior(1, 2, 1, 2, [1, 3, /* channel 1 */ 0, 0, /* log variances */ 0, 0, ln4, ln4]));
        diagnostics.Add(new Posterior(1, 2, 1, 2, [-1, -3, /* channel 1 */ 2, 2, /* log variances */ 0, 0, ln4, ln4]));

        var report = diagnostics.Report();

        Assert.Equal(2, report.Images);
        Assert.Equal(0.5, report.Mean, 1e-12);
        Assert.Equal(Math.Sqrt((0.25 + 6.25 + 2.25 + 12.25 + 0.25 + 0.25 + 2.25 + 2.25) / 8), report.Deviation, 1e-12);
        Assert.Equal([0, 1], report.Channels.Select(channel => channel.Mean));
        Assert.Equal(Math.Sqrt(5), report.Channels[0].Deviation, 1e-12);
        Assert.Equal(1, report.Channels[1].Deviation, 1e-12);

        // 0.5 (mean^2 + variance - 1 - log variance): mean^2 is 5 on the average and 2
        Assert.Equal(2.5, report.Channels[0].Kl!.Value, 1e-6);
        Assert.Equal(0.5 * (2 + 4 - 1 - Math.Log(4)), report.Channels[1].Kl!.Value, 1e-6);
        Assert.Equal(report.Channels.Average(channel => channel.Kl), report.Kl);
        Assert.Equal(0, report.DeadChannels);
        Assert.Equal(4, report.Vectors);
    }

    [Fact]
    public void The_divergence_is_the_posteriors_own()
    {
        var posterior = new Posterior(3, 4, 5, 6, [.. Noise(3 * 8 * 30, seed: 1).Select(value => value * 3)]);
        var diagnostics = new LatentDiagnostics(4);
        diagnostics.Add(posterior);
        Assert.Equal(Enumerable.Range(0, 3).Average(posterior.Kl) / (4 * 30), diagnostics.Report().Kl!.Value, 1e-9);
    }

    [Theory]
    [InlineData(1.0, 0.0, false)] // as the prior: varies as much as its own uncertainty
    [InlineData(0.11, 0.0, false)]
    [InlineData(0.09, 0.0, true)] // collapsed to the prior: variance of the mean 0.0081, posterior variance 1
    [InlineData(0.11, 2.0, true)] // more uncertainty, the same signal
    [InlineData(0.09, -2.0, false)] // a small scale with little uncertainty carries as much as a large one with much
    [InlineData(0.0011, -20.0, true)] // certain, but a thousandth of the strongest channel
    public void A_channel_that_tells_nothing_of_the_image_is_dead(double deviation, double logVariance, bool isDead)
    {
        const int values = 4096;
        var noise = Noise(2 * values, seed: 3);
        float[] moments =
        [
            .. noise.Take(values), .. noise.Skip(values).Select(value => (float)(value * deviation)),
            .. Enumerable.Repeat(-3f, values), .. Enumerable.Repeat((float)logVariance, values),
        ];
        var diagnostics = new LatentDiagnostics(2);
        diagnostics.Add(new Posterior(1, 2, 64, 64, moments));

        var report = diagnostics.Report();
        Assert.Equal([false, isDead], report.Channels.Select(channel => channel.IsDead));
        Assert.Equal(isDead ? 1 : 0, report.DeadChannels);
    }

    [Fact]
    public void Where_no_channel_varies_all_are_dead_and_there_is_no_distance()
    {
        var diagnostics = new LatentDiagnostics(2);
        diagnostics.Add(new Posterior(1, 2, 2, 2, [2, 2, 2, 2, 2, 2, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0]));
        var report = diagnostics.Report();
        Assert.Equal(2, report.DeadChannels);
        Assert.Null(report.PriorDistance);
    }

    [Fact]
    public void An_encoder_without_variances_has_no_divergence()
    {
        var diagnostics = new LatentDiagnostics(2, hasVariance: false);
        diagnostics.Add(Posterior.OfLatents(1, 2, 8, 8, Noise(128, seed: 4)));
        var report = diagnostics.Report();
        Assert.Null(report.Kl);
        Assert.All(report.Channels, channel => Assert.Null(channel.Kl));
        Assert.Equal(0, report.DeadChannels);
    }

    [Fact]
    public void The_distance_from_the_prior_is_the_integrals_whatever_the_scale()
    {
        // For k = exp(-|a - b|^2 / 2 sigma^2), sigma = 2, independent coordinates, E k is a product of integrals over one coordinate:
        // normal and normal (1 + 2 / 4)^(-1/2), signs and signs (1 + exp(-4 / 8)) / 2, normal and signs (1 + 1 / 4)^(-1/2) exp(-1 / 10).
        var (normal, signs, mixed) = (Math.Pow(1.5, -2), Math.Pow((1 + Math.Exp(-0.5)) / 2, 4), Math.Pow(1.25, -2) * Math.Exp(-0.4));
        const double n = 2048; // a vector's kernel with itself is 1 in place of E k: the bias

        Assert.Equal(2 * (1 - normal) / n, Distances(value => (7 * value) + 3)[0].MmdSquared, 3e-4);
        Assert.Equal(normal + signs - (2 * mixed) + (((1 - normal) + (1 - signs)) / n), Distances(value => value > 0 ? 1 : -1)[0].MmdSquared, 9e-4);

        static IReadOnlyList<LatentDistance> Distances(Func<float, float> change)
        {
            var diagnostics = new LatentDiagnostics(4);
            for (var image = 0; image < 4; image++)
            {
                diagnostics.Add(new Posterior(1, 4, 32, 32, [.. Noise(4096, seed: 10 + image).Select(change), .. new float[4096]]));
            }

            var report = diagnostics.Report();
            Assert.Equal(2048, report.Vectors); // of 4,096 positions
            return report.PriorDistance!;
        }
    }

    [Fact]
    public void The_sample_is_the_same_each_time_and_of_all_images()
    {
        // The second half of the images is of another kind: a sample of the first ones alone would not see it.
        var (both, again, first) = (Distance(8), Distance(8), Distance(4));
        Assert.Equal(both, again);
        Assert.True(both > 3 * first);

        static double Distance(int images)
        {
            var diagnostics = new LatentDiagnostics(4);
            for (var image = 0; image < images; image++)
            {
                diagnostics.Add(new Posterior(1, 4, 32, 32, [.. Noise(4096, seed: image).Select(value => image < 4 ? value : 6 * value), .. new float[4096]]));
            }

            return diagnostics.Report().PriorDistance![0].MmdSquared;
        }
    }

    [Fact]
    public void Without_latents_there_is_no_report() => Assert.Throws<InvalidOperationException>(() => new LatentDiagnostics(2).Report());

    private static float[] Noise(int count, long seed)
    {
        var values = new float[count];
        CounterGaussian.Fill(values, seed, 99);
        return values;
    }
}
