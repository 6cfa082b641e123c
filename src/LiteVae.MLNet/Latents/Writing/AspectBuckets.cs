namespace LiteVae;

/// <summary>The sizes that images of different sides' ratios are brought to, so that little of each is cut off.</summary>
public static class AspectBuckets
{
    private const int FineStep = 32;
    private const int CoarseStep = 64;
    private const int CoarseFrom = 512;

    // 5:2, the flattest that trainers use
    private const int MaxRatioWidth = 5;
    private const int MaxRatioHeight = 2;

    /// <summary>
    /// Sizes of at most the area of a square, for sides' ratios from 2:5 to 5:2: for every longer side that there is to a shorter one, both multiples of the step, the greatest.
    /// The step is 64 pixels from a side of 512 on and 32 below, rounded up to a multiple of the model's factor. Of side 256: 160x384, 192x320, 224x288, 256x256, 288x224, 320x192, 384x160.
    /// </summary>
    /// <param name="side">Side of the square; a multiple of the step.</param>
    /// <param name="factor">The model's downsampling factor.</param>
    /// <exception cref="ArgumentException">The side is below the step or no multiple of it.</exception>
    public static IReadOnlyList<ImageSize> OfArea(int side, int factor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(factor, 1);
        var step = PixelTensor.RoundUp(side >= CoarseFrom ? CoarseStep : FineStep, factor);
        if (side < step || side % step != 0 || side > StoreSettings.MaxSide)
        {
            throw new ArgumentException($"The side of the area is {side}; it must be a multiple of {step}, at most {StoreSettings.MaxSide}.", nameof(side));
        }

        var area = (long)side * side;
        List<ImageSize> flat = [];
        for (var height = side; height > 0; height -= step)
        {
            var width = area / height / step * step;
            if (width * MaxRatioHeight <= (long)height * MaxRatioWidth)
            {
                flat.Add(new ImageSize((int)width, height));
            }
        }

        return [.. flat.Skip(1).Reverse().Select(size => new ImageSize(size.Height, size.Width)), .. flat];
    }

    /// <summary>The size whose sides' ratio is nearest to an image's, measured by how many times one goes into the other; of several as near the first.</summary>
    /// <returns>Its index.</returns>
    internal static int Nearest(IReadOnlyList<ImageSize> sizes, int width, int height)
    {
        // Ratios of ratios as fractions: logarithms differ in the last bit from machine to machine.
        var best = 0;
        var (bestMore, bestLess) = Distance(sizes[0]);
        for (var i = 1; i < sizes.Count; i++)
        {
            var (more, less) = Distance(sizes[i]);
            if (more * bestLess < bestMore * less)
            {
                (best, bestMore, bestLess) = (i, more, less);
            }
        }

        return best;

        (Int128 More, Int128 Less) Distance(ImageSize size)
        {
            var (a, b) = ((Int128)size.Width * height, (Int128)size.Height * width);
            return a > b ? (a, b) : (b, a);
        }
    }
}
