namespace LiteVae;

/// <summary>What the encoder says about a batch of images: a diagonal Gaussian per latent value, kept as moments [N, 2 nz, h, w].</summary>
/// <remarks>Immutable as long as nobody writes to <see cref="Moments"/>; then thread-safe.</remarks>
public sealed class Posterior
{
    // Source: LiteVAE (arXiv 2405.14477), as in Stable Diffusion's autoencoder.
    internal const float MinLogVar = -30;
    internal const float MaxLogVar = 20;

    /// <summary>Wraps moments; they are not copied.</summary>
    /// <param name="count">Images, N; 1 or more.</param>
    /// <param name="channels">Channels of the latent, nz.</param>
    /// <param name="height">Height of the latent, h.</param>
    /// <param name="width">Width of the latent, w.</param>
    /// <param name="moments">[N, 2 nz, h, w]: nz means, then nz log variances.</param>
    /// <exception cref="ArgumentException">The number of moments is not N * 2 nz * h * w.</exception>
    public Posterior(int count, int channels, int height, int width, float[] moments)
    {
        ArgumentNullException.ThrowIfNull(moments);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        var wanted = (long)count * 2 * channels * height * width;
        if (moments.Length != wanted)
        {
            throw new ArgumentException($"There are {moments.Length} moments; the shape [{count}, {2 * channels}, {height}, {width}] needs {wanted}.", nameof(moments));
        }

        (Count, Channels, Height, Width, Moments) = (count, channels, height, width, moments);
    }

    /// <summary>The posterior of an encoder that emits latents without a variance: the mean is the latent, the log variance the least there is, -30.</summary>
    internal static Posterior OfLatents(int count, int channels, int height, int width, ReadOnlySpan<float> latents)
    {
        var length = channels * height * width;
        var moments = new float[checked(count * 2 * length)];
        for (var i = 0; i < count; i++)
        {
            var both = moments.AsSpan(i * 2 * length, 2 * length);
            latents.Slice(i * length, length).CopyTo(both);
            both[length..].Fill(MinLogVar);
        }

        return new Posterior(count, channels, height, width, moments);
    }

    /// <summary>Images, N.</summary>
    public int Count { get; }

    /// <summary>Channels of the latent, nz.</summary>
    public int Channels { get; }

    /// <summary>Height of the latent, h.</summary>
    public int Height { get; }

    /// <summary>Width of the latent, w.</summary>
    public int Width { get; }

    /// <summary>The moments as the encoder emits them, [N, 2 nz, h, w]; log variances not clamped.</summary>
    public float[] Moments { get; }

    /// <summary>Values of one image's latent, nz * h * w.</summary>
    public int LatentLength => Channels * Height * Width;

    /// <summary>Moments of one image, [2 nz, h, w].</summary>
    /// <param name="index">The image, 0 to N - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    public ReadOnlySpan<float> GetMoments(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        return Moments.AsSpan(index * 2 * LatentLength, 2 * LatentLength);
    }

    /// <summary>The mean of one image's latent, [nz, h, w]: the latent to use unless a sample is asked for.</summary>
    /// <param name="index">The image, 0 to N - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    public ReadOnlySpan<float> Mean(int index) => GetMoments(index)[..LatentLength];

    /// <summary>The means of all images, [N, nz, h, w], for a decoder.</summary>
    internal float[] Means()
    {
        var means = new float[Count * LatentLength];
        for (var i = 0; i < Count; i++)
        {
            Mean(i).CopyTo(means.AsSpan(i * LatentLength));
        }

        return means;
    }

    /// <summary>The most likely latent, [nz, h, w]; a Gaussian's mode is its mean.</summary>
    /// <param name="index">The image, 0 to N - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    public ReadOnlySpan<float> Mode(int index) => Mean(index);

    /// <summary>The log variance of one image's latent, [nz, h, w], clamped to -30 to 20.</summary>
    /// <param name="index">The image, 0 to N - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    public float[] LogVar(int index)
    {
        var values = GetMoments(index)[LatentLength..].ToArray();
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Math.Clamp(values[i], MinLogVar, MaxLogVar);
        }

        return values;
    }

    /// <summary>A sample of one image's latent, [nz, h, w]: mean + exp(logvar / 2) * noise, with noise that depends on (seed, row) only.</summary>
    /// <param name="index">The image, 0 to N - 1.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="row">Which stream of the seed: the same row gives the same noise, whatever batch it is in.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    public float[] Sample(int index, long seed, UInt128 row)
    {
        var mean = Mean(index);
        var logVar = LogVar(index);
        var sample = new float[LatentLength];
        CounterGaussian.Fill(sample, seed, row);
        for (var i = 0; i < sample.Length; i++)
        {
            sample[i] = mean[i] + MathF.Exp(0.5f * logVar[i]) * sample[i];
        }

        return sample;
    }

    /// <summary>As <see cref="Sample(int, long, UInt128)"/>, with the index in this batch for the row.</summary>
    /// <param name="index">The image, 0 to N - 1.</param>
    /// <param name="seed">The seed.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    public float[] Sample(int index, long seed) => Sample(index, seed, (UInt128)index);

    /// <summary>The divergence from the standard normal, 0.5 * sum(mean^2 + exp(logvar) - 1 - logvar) over one image's latent; 0 or more.</summary>
    /// <param name="index">The image, 0 to N - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    public double Kl(int index)
    {
        var mean = Mean(index);
        var logVar = LogVar(index);
        var sum = 0.0;
        for (var i = 0; i < mean.Length; i++)
        {
            sum += (double)mean[i] * mean[i] + Math.Exp(logVar[i]) - 1 - logVar[i];
        }

        return 0.5 * sum;
    }
}
