namespace LiteVae;

/// <summary>How a half of a model does images that are larger than a tile. All lengths are in latent positions.</summary>
/// <param name="Length">Longest side of a tile.</param>
/// <param name="Halo">How far the model sees, or null where that is everywhere: then tiles are blended.</param>
internal sealed record Tiling(int Length, int? Halo)
{
    // A quarter of it is the overlap, at least one position.
    private const int LeastBlended = 4;

    /// <summary>The least tile for a model, in pixels.</summary>
    public static int LeastSize(Locality? locality, int factor) => locality is null ? LeastBlended * factor : (2 * locality.Halo) + factor;

    /// <summary>The tiling for a tile size.</summary>
    /// <param name="size">Longest side of a tile in pixels, a multiple of the factor.</param>
    /// <param name="locality">How far the model sees, or null for everywhere.</param>
    /// <param name="factor">The model's downsampling factor.</param>
    /// <param name="name">The model and its half, for the message.</param>
    /// <exception cref="ArgumentException">The tile is too small for this model.</exception>
    public static Tiling Of(int size, Locality? locality, int factor, string name)
    {
        var least = LeastSize(locality, factor);
        return size >= least
            ? new Tiling(size / factor, locality?.Halo / factor)
            : throw new ArgumentException(
                $"TileSize is {size}; {name} needs tiles of at least {least} pixels: "
                + (locality is null
                    ? $"they overlap by a quarter, which must be one latent position, {factor} pixels, or more."
                    : $"it sees {locality.Halo} pixels to each side, which do not count, and {factor} must be left between them. Set it to {least} or more; about {4 * locality.Halo} costs four times the work of the whole image, larger ones less."));
    }

    /// <summary>Whether something goes through the model in one piece.</summary>
    public bool IsOnePiece(long[] inputShape, long[] outputShape) => LatentSize(inputShape, outputShape) is var (height, width) && height <= Length && width <= Length;

    /// <summary>
    /// Runs a model tile by tile, one image at a time: so a run takes the memory of one tile, whatever the batch. (On a CPU a batch is no faster than its images
    /// one after the other.)
    /// </summary>
    /// <param name="session">The model.</param>
    /// <param name="input">Values of the input.</param>
    /// <param name="inputShape">Its shape, [N, C, H, W].</param>
    /// <param name="output">Receives the values of the output; each is the sum of what the tiles give there, by their weights.</param>
    /// <param name="outputShape">Its shape, [N, C, H, W].</param>
    public void Run(SessionLease session, ReadOnlySpan<float> input, long[] inputShape, Span<float> output, long[] outputShape)
    {
        var (height, width) = LatentSize(inputShape, outputShape);
        var (rows, columns) = (Tiles(height), Tiles(width));
        var (source, target) = (new Planes(inputShape, height), new Planes(outputShape, height));
        var piece = new float[source.PieceLength(rows[0], columns[0])];
        var result = new float[target.PieceLength(rows[0], columns[0])];
        output.Clear();
        for (var image = 0; image < inputShape[0]; image++)
        {
            foreach (var row in rows)
            {
                foreach (var column in columns)
                {
                    source.Cut(input, image, row, column, piece);
                    session.Run(piece, source.PieceShape(row, column), result, target.PieceShape(row, column));
                    target.Add(result, row, column, output, image);
                }
            }
        }
    }

    private IReadOnlyList<Tile> Tiles(int side) => Halo is { } halo ? Tile.Exact(side, Length, halo) : Tile.Blended(side, Length);

    private static (int Height, int Width) LatentSize(long[] inputShape, long[] outputShape) =>
        ((int)Math.Min(inputShape[2], outputShape[2]), (int)Math.Min(inputShape[3], outputShape[3]));
}
