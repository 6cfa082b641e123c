namespace LiteVae;

/// <summary>What a set of posteriors says about the latent space: its scale, channels without use, how far it is from the prior.</summary>
/// <remarks>
/// Gathered image by image; only sums and a sample of the latent vectors are kept. The sample is the same for the same images in the same order. Not thread-safe.
/// </remarks>
internal sealed class LatentDiagnostics
{
    // Burda et al. 2015 (arXiv 1509.00519) call a unit of a VAE active where the variance of its posterior mean over the data is above 0.01, next to a posterior variance of
    // nearly 1. The weight of the KL fixes that scale in their models and not in ours (1e-6 and less): so their number is taken as the share of the posterior's own variance.
    private const double DeadSignal = 0.01;

    // Without variances, or where none were learnt: what is a hundred times smaller than the strongest channel is noise beside it.
    private const double DeadDeviation = 0.01;

    /// <summary>Vectors of the sample that is compared with the prior: their sampling noise in MMD^2 is 1e-3 at most.</summary>
    private const int Vectors = 2048;

    private const long PriorSeed = 1;

    /// <summary>Widths of the kernel: around and beyond the distance of two standard normal vectors, sqrt(2 nz), which is 2.8 at nz 4 and 5.7 at 16.</summary>
    private static readonly double[] Sigmas = [2, 5, 10, 25];

    private readonly int _channels;
    private readonly bool _hasVariance;
    private readonly LatentStatistics _means;
    private readonly double[] _kl;
    private readonly double[] _variance;
    private readonly List<float[]> _sample = [];
    private readonly Random _random = new(0);
    private long _positions;

    /// <summary>Begins a set.</summary>
    /// <param name="channels">Channels of the latent, nz.</param>
    /// <param name="hasVariance">False for an encoder that emits plain latents: their KL is not defined.</param>
    public LatentDiagnostics(int channels, bool hasVariance = true)
    {
        (_channels, _hasVariance, _means) = (channels, hasVariance, new LatentStatistics(channels));
        (_kl, _variance) = (new double[channels], new double[channels]);
    }

    /// <summary>Adds the images of a batch.</summary>
    /// <exception cref="InvalidDataException">A mean is not finite.</exception>
    public void Add(Posterior posterior)
    {
        for (var i = 0; i < posterior.Count; i++)
        {
            var mean = posterior.Mean(i);
            _means.Add(mean);
            AddSpread(mean, posterior.LogVar(i));
            AddVectors(mean);
        }
    }

    /// <summary>What was found so far.</summary>
    /// <exception cref="InvalidOperationException">Nothing was added.</exception>
    public LatentReport Report()
    {
        if (_positions == 0)
        {
            throw new InvalidOperationException("There are no latents to tell anything of: add a posterior first.");
        }

        var (means, deviations) = (_means.Means, _means.Deviations);
        var channels = new LatentChannel[_channels];
        for (var channel = 0; channel < _channels; channel++)
        {
            var deviation = deviations[channel];
            var isDead = deviation <= DeadDeviation * deviations.Max() || (_hasVariance && deviation * deviation < DeadSignal * _variance[channel] / _positions);
            channels[channel] = new LatentChannel(means[channel], deviation, _hasVariance ? _kl[channel] / _positions : null, isDead);
        }

        return new LatentReport(
            _means.Images, _means.Mean, _means.Deviation, channels.Count(channel => channel.IsDead), _hasVariance ? channels.Average(channel => channel.Kl) : null, channels,
            DistanceFromPrior(), _sample.Count);
    }

    private void AddSpread(ReadOnlySpan<float> mean, float[] logVar)
    {
        var length = mean.Length / _channels;
        for (var i = 0; i < mean.Length; i++)
        {
            var variance = Math.Exp(logVar[i]);
            _variance[i / length] += variance;
            _kl[i / length] += 0.5 * (((double)mean[i] * mean[i]) + variance - 1 - logVar[i]);
        }
    }

    // Reservoir sampling (Vitter 1985): every position of every image is as likely, however many come.
    private void AddVectors(ReadOnlySpan<float> mean)
    {
        var length = mean.Length / _channels;
        for (var position = 0; position < length; position++)
        {
            var place = _sample.Count < Vectors ? _sample.Count : _random.NextInt64(_positions + 1);
            _positions++;
            if (place >= Vectors)
            {
                continue;
            }

            var vector = new float[_channels];
            for (var channel = 0; channel < _channels; channel++)
            {
                vector[channel] = mean[(channel * length) + position];
            }

            if (place == _sample.Count)
            {
                _sample.Add(vector);
            }
            else
            {
                _sample[(int)place] = vector;
            }
        }
    }

    // As a diffusion model is trained on them: with one shift and one factor for all channels. Unscaled, the distance would say little but how far the scale is from 1.
    private LatentDistance[]? DistanceFromPrior()
    {
        var (mean, deviation) = (_means.Mean, _means.Deviation);
        if (deviation == 0)
        {
            return null;
        }

        var vectors = _sample.SelectMany(vector => vector.Select(value => (float)((value - mean) / deviation))).ToArray();
        var prior = new float[vectors.Length];
        CounterGaussian.Fill(prior, PriorSeed, 0);
        var squared = MaximumMeanDiscrepancy.Squared(vectors, prior, _channels, Sigmas);
        return [.. Sigmas.Select((sigma, i) => new LatentDistance(sigma, squared[i]))];
    }
}
