namespace LiteVae;

/// <summary>What is known of the values of one channel, gathered apart and merged.</summary>
/// <remarks>
/// Values are summed about their own mean, and parts are merged by Chan, Golub and LeVeque (1979): no cancellation however many there are.
/// The loops are scalar on purpose: a vectorised sum differs in its last bits from machine to machine, and these numbers stand in files that must not.
/// </remarks>
/// <param name="Count">How many values.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Squares">Sum of their squared differences from the mean.</param>
/// <param name="Min">The least.</param>
/// <param name="Max">The greatest.</param>
internal readonly record struct ChannelSums(long Count, double Mean, double Squares, double Min, double Max)
{
    /// <summary>Standard deviation, of the population.</summary>
    public double Deviation() => Math.Sqrt(Squares / Count);

    /// <summary>The sums of some values, at least one.</summary>
    public static ChannelSums Of(ReadOnlySpan<float> values)
    {
        var (sum, min, max) = (0.0, values[0], values[0]);
        foreach (var value in values)
        {
            sum += value;
            min = Math.Min(min, value);
            max = Math.Max(max, value);
        }

        var mean = sum / values.Length;
        var squares = 0.0;
        foreach (var value in values)
        {
            squares += (value - mean) * (value - mean);
        }

        return new ChannelSums(values.Length, mean, squares, min, max);
    }

    /// <summary>The sums of these values and others. What is gathered of nothing, the default, changes nothing.</summary>
    public ChannelSums Merge(ChannelSums other)
    {
        if (Count == 0 || other.Count == 0)
        {
            return Count == 0 ? other : this;
        }

        var count = Count + other.Count;
        var distance = other.Mean - Mean;
        return new ChannelSums(
            count,
            Mean + (distance * other.Count / count),
            Squares + other.Squares + (distance * distance * Count * other.Count / count),
            Math.Min(Min, other.Min),
            Math.Max(Max, other.Max));
    }

    /// <summary>The sums of all channels of a latent or of moments, [c, h, w].</summary>
    public static ChannelSums[] OfChannels(ReadOnlySpan<float> values, int channels)
    {
        var length = values.Length / channels;
        var sums = new ChannelSums[channels];
        for (var channel = 0; channel < channels; channel++)
        {
            sums[channel] = Of(values.Slice(channel * length, length));
        }

        return sums;
    }

    /// <summary>Channel by channel, the sums of parts in their order, merged in pairs, then in pairs of pairs: the rounding grows with the logarithm of their number.</summary>
    /// <param name="parts">The parts, each of all channels; a part of nothing has none.</param>
    /// <returns>All channels, or none where no part has any.</returns>
    public static IReadOnlyList<ChannelSums> MergeInPairs(IEnumerable<IReadOnlyList<ChannelSums>> parts)
    {
        // As a binary counter: level i holds the merged sums of 2^i parts, or nothing.
        List<IReadOnlyList<ChannelSums>?> levels = [];
        foreach (var part in parts.Where(part => part.Count > 0))
        {
            var carried = part;
            var level = 0;
            for (; level < levels.Count && levels[level] is { } waiting; level++)
            {
                carried = Merge(waiting, carried);
                levels[level] = null;
            }

            if (level == levels.Count)
            {
                levels.Add(null);
            }

            levels[level] = carried;
        }

        return levels.Aggregate((IReadOnlyList<ChannelSums>?)null, (later, earlier) => earlier is null ? later : later is null ? earlier : Merge(earlier, later)) ?? [];
    }

    private static ChannelSums[] Merge(IReadOnlyList<ChannelSums> earlier, IReadOnlyList<ChannelSums> later) =>
        [.. earlier.Select((sums, channel) => sums.Merge(later[channel]))];
}
