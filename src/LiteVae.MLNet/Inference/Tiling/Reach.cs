namespace LiteVae;

/// <summary>Along one side, the positions of a graph's input that the positions of one of its tensors depend on.</summary>
/// <remarks>
/// The side is cut into blocks, one a latent position: f pixels, of which a tensor between image and latent has n positions, 1 to f. Position n b + j of block b
/// depends on nothing but the input's positions m b + First[j] to m b + Last[j], where m is the input's number a block. So every phase j of an enlargement, and
/// every stride, is kept exactly.
/// </remarks>
internal sealed class Reach
{
    // No autoencoder comes near them; they bound the work on a hostile graph.
    private const int MaxPerBlock = 128;
    private const int MaxKernel = 128;
    private const int MaxDilation = 1024;

    private readonly int _inputsPerBlock;
    private readonly (long First, long Last)[] _spans;

    private Reach(int inputsPerBlock, IEnumerable<(long First, long Last)> spans)
    {
        _inputsPerBlock = inputsPerBlock;

        // What lies in a block reaches into that block at least. With that, whatever is computed of a position outside a tile reaches out of the tile, and the
        // zeros with which a convolution pads the tile there are within the reach of what they change.
        _spans = [.. spans.Select(span => (Math.Min(span.First, inputsPerBlock - 1), Math.Max(span.Last, 0)))];
    }

    /// <summary>Positions a block.</summary>
    public int PerBlock => _spans.Length;

    /// <summary>Blocks before and behind its own that a position depends on, whichever is more.</summary>
    public long Halo => _spans.Max(span => Math.Max(BlocksIn(-span.First), BlocksIn(span.Last - _inputsPerBlock + 1)));

    /// <summary>Input positions that one position depends on; of those in a block the one that depends on most.</summary>
    public long Field => _spans.Max(span => span.Last - span.First + 1);

    /// <summary>The input itself: each position depends on itself.</summary>
    /// <returns>Null where there are more positions a block than any autoencoder has.</returns>
    public static Reach? OfInput(int perBlock) =>
        perBlock is >= 1 and <= MaxPerBlock ? new Reach(perBlock, Enumerable.Range(0, perBlock).Select(position => ((long)position, (long)position))) : null;

    /// <summary>What depends on both, position by position; null where they are not of the same size.</summary>
    public static Reach? Join(Reach left, Reach right) => left.PerBlock == right.PerBlock
        ? new Reach(left._inputsPerBlock, left._spans.Zip(right._spans, (a, b) => (Math.Min(a.First, b.First), Math.Max(a.Last, b.Last))))
        : null;

    /// <summary>A convolution or a pooling: position i depends on i * stride - before + t * dilation for t from 0 to kernel - 1.</summary>
    /// <returns>Null unless n positions become n / stride whatever the size is.</returns>
    public Reach? Window(long kernel, long stride, long dilation, long before, long after)
    {
        if (kernel is < 1 or > MaxKernel || dilation is < 1 or > MaxDilation || stride < 1 || PerBlock % stride != 0)
        {
            return null;
        }

        var width = (kernel - 1) * dilation;
        var keepsSize = before >= 0 && after >= 0 && before <= width && after <= width && before + after - width is <= 0 and var missing && missing > -stride;
        return keepsSize ? Gather((int)(PerBlock / stride), position => Steps((position * stride) - before, kernel, dilation)) : null;
    }

    /// <summary>A transposed convolution: what lies at q goes to q * stride - before + t * dilation for t from 0 to kernel - 1.</summary>
    /// <returns>Null unless n positions become n * stride whatever the size is, and each gets something.</returns>
    public Reach? Scatter(long kernel, long stride, long dilation, long before, long after, long extra)
    {
        if (kernel is < 1 or > MaxKernel || dilation is < 1 or > MaxDilation || stride is < 1 or > MaxPerBlock || PerBlock * stride > MaxPerBlock)
        {
            return null;
        }

        var width = (kernel - 1) * dilation;
        var enlarges = before >= 0 && after >= 0 && before <= width && after <= width && extra is >= 0 and <= MaxDilation && width + 1 + extra - before - after == stride;
        return enlarges && width + 1 >= stride
            ? Gather((int)(PerBlock * stride), position => Range(-FloorDivide(width - before - position, stride), FloorDivide(position + before, stride)))
            : null;
    }

    /// <summary>Every position so many times, or spread over so many positions: i depends on i / times.</summary>
    public Reach? Repeat(long times) => times is >= 1 and <= MaxPerBlock && PerBlock * times <= MaxPerBlock
        ? Gather((int)(PerBlock * times), position => Range(position / times, position / times))
        : null;

    private Reach Gather(int perBlock, Func<int, IEnumerable<long>> sources) => new(_inputsPerBlock, Enumerable.Range(0, perBlock).Select(position =>
    {
        var (first, last) = (long.MaxValue, long.MinValue);
        foreach (var source in sources(position))
        {
            var block = FloorDivide(source, PerBlock);
            var span = _spans[source - (block * PerBlock)];
            first = Math.Min(first, (block * _inputsPerBlock) + span.First);
            last = Math.Max(last, (block * _inputsPerBlock) + span.Last);
        }

        return (first, last);
    }));

    private static IEnumerable<long> Steps(long from, long count, long step)
    {
        for (var i = 0L; i < count; i++)
        {
            yield return from + (i * step);
        }
    }

    private static IEnumerable<long> Range(long from, long to) => Steps(from, to - from + 1, 1);

    private static long FloorDivide(long value, long divisor) => (value / divisor) - (value % divisor < 0 ? 1 : 0);

    private long BlocksIn(long positions) => -FloorDivide(-positions, _inputsPerBlock);
}
