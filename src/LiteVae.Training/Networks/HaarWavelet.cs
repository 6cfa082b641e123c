using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>The orthonormal 2-D Haar transform (LiteVAE section 3), differentiable, with no parameters.</summary>
/// <remarks>Sub-bands as in PyWavelets' dwt2: LL = cA, H = cH (differences between rows), V = cV (between columns), D = cD.</remarks>
public static class HaarWavelet
{
    /// <summary>One level: [N, C, H, W] with even H and W to [N, 4C, H/2, W/2], the sub-bands LL, H, V, D of C channels each.</summary>
    public static Tensor Forward(Tensor x)
    {
        if (x.dim() != 4 || x.shape[2] % 2 != 0 || x.shape[3] % 2 != 0)
        {
            throw new ArgumentException($"The Haar transform needs [N, C, H, W] with even H and W; got [{string.Join(", ", x.shape)}].", nameof(x));
        }

        using var scope = NewDisposeScope();
        var (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2] / 2, x.shape[3] / 2);
        var pixels = x.reshape(n, c, h, 2, w, 2);
        var (top, bottom) = (pixels.select(3, 0), pixels.select(3, 1));          // [N, C, h, w, 2]
        var (sum, difference) = (top + bottom, top - bottom);
        var (sumLeft, sumRight) = (sum.select(4, 0), sum.select(4, 1));          // [N, C, h, w]
        var (differenceLeft, differenceRight) = (difference.select(4, 0), difference.select(4, 1));
        var bands = cat([sumLeft + sumRight, differenceLeft + differenceRight, sumLeft - sumRight, differenceLeft - differenceRight], 1);
        return (bands / 2).MoveToOuterDisposeScope();                            // [N, 4C, h, w]
    }

    /// <summary>The inverse of <see cref="Forward"/>: [N, 4C, h, w] to [N, C, 2h, 2w].</summary>
    public static Tensor Inverse(Tensor bands)
    {
        if (bands.dim() != 4 || bands.shape[1] % 4 != 0)
        {
            throw new ArgumentException($"The inverse Haar transform needs [N, 4C, h, w]; got [{string.Join(", ", bands.shape)}].", nameof(bands));
        }

        using var scope = NewDisposeScope();
        var (n, c, h, w) = (bands.shape[0], bands.shape[1] / 4, bands.shape[2], bands.shape[3]);
        var parts = bands.chunk(4, 1);
        var (ll, rows, columns, diagonal) = (parts[0], parts[1], parts[2], parts[3]);
        var (top, bottom) = (ll + rows, ll - rows);                              // sums of a row's two pixels
        var (topEdge, bottomEdge) = (columns + diagonal, columns - diagonal);    // their differences
        var pixels = stack([top + topEdge, top - topEdge, bottom + bottomEdge, bottom - bottomEdge], 2); // [N, C, 4, h, w]
        return (nn.functional.pixel_shuffle(pixels.reshape(n, 4 * c, h, w), 2) / 2).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Levels 1 to <paramref name="count"/>, applied recursively to the low band, each divided by 2^l, which brings its LL back to image range
    /// (the 2^l x 2^l block mean): [N, C, H, W] to [N, 4C, H/2^l, W/2^l].
    /// </summary>
    public static Tensor[] Levels(Tensor x, int count)
    {
        using var scope = NewDisposeScope();
        var levels = new Tensor[count];
        var low = x;
        for (var l = 1; l <= count; l++)
        {
            var bands = Forward(low);
            low = bands.narrow(1, 0, x.shape[1]);
            levels[l - 1] = (bands / Math.Pow(2, l)).MoveToOuterDisposeScope();
        }

        return levels;
    }
}
