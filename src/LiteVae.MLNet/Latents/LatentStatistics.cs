namespace LiteVae;

/// <summary>Mean and standard deviation of latents, per channel and over all values, gathered image by image.</summary>
/// <remarks>
/// Each image's own sums are taken about its own mean, then merged: no cancellation however many images there are, and parts gathered apart
/// can be merged. Not thread-safe.
/// </remarks>
internal sealed class LatentStatistics(int channels)
{
    private readonly ChannelSums[] _channels = new ChannelSums[channels];

    /// <summary>Images added.</summary>
    public long Images { get; private set; }

    /// <summary>Mean of each channel.</summary>
    public double[] Means => [.. _channels.Select(channel => channel.Mean)];

    /// <summary>Standard deviation of each channel (of the population).</summary>
    public double[] Deviations => [.. _channels.Select(channel => channel.Deviation())];

    /// <summary>Mean of all values.</summary>
    public double Mean => All.Mean;

    /// <summary>Standard deviation of all values about <see cref="Mean"/> (of the population).</summary>
    public double Deviation => All.Deviation();

    private ChannelSums All => _channels.Aggregate(default(ChannelSums), (sum, channel) => sum.Merge(channel));

    /// <summary>Adds one image's latent.</summary>
    /// <param name="latent">[nz, h, w]; the size may differ between images.</param>
    /// <exception cref="ArgumentException">The number of values is not a multiple of nz.</exception>
    /// <exception cref="InvalidDataException">A value is not finite.</exception>
    public void Add(ReadOnlySpan<float> latent)
    {
        if (latent.Length == 0 || latent.Length % _channels.Length != 0)
        {
            throw new ArgumentException($"A latent of {latent.Length} values does not divide into {_channels.Length} channels.", nameof(latent));
        }

        var length = latent.Length / _channels.Length;
        for (var channel = 0; channel < _channels.Length; channel++)
        {
            var sums = ChannelSums.Of(latent.Slice(channel * length, length));
            if (!double.IsFinite(sums.Squares))
            {
                throw new InvalidDataException($"Channel {channel} of the latent of image {Images} (from 0) holds a value that is not finite.");
            }

            _channels[channel] = _channels[channel].Merge(sums);
        }

        Images++;
    }

    /// <summary>Adds what another one has gathered.</summary>
    public void Merge(LatentStatistics other)
    {
        for (var channel = 0; channel < _channels.Length; channel++)
        {
            _channels[channel] = _channels[channel].Merge(other._channels[channel]);
        }

        Images += other.Images;
    }
}
