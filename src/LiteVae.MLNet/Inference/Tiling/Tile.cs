namespace LiteVae;

/// <summary>One tile along one side, in latent positions.</summary>
/// <param name="Start">Where what goes through the model begins.</param>
/// <param name="Length">How much goes through the model.</param>
/// <param name="From">Where the tile's own part begins.</param>
/// <param name="To">Where it ends and the next tile's begins; may lie between two positions.</param>
/// <param name="Ramp">Length of the stretch around an inner end of the own part in which one tile's weight falls as the next one's rises; 0 for none.</param>
/// <param name="IsFirst">Whether it begins the side.</param>
/// <param name="IsLast">Whether it ends the side.</param>
internal readonly record struct Tile(int Start, int Length, double From, double To, double Ramp, bool IsFirst, bool IsLast)
{
    /// <summary>Where the tile begins to count.</summary>
    public double First => IsFirst ? From : From - (Ramp / 2);

    /// <summary>Where it ceases to count.</summary>
    public double End => IsLast ? To : To + (Ramp / 2);

    /// <summary>The tile's share in a place, 0 to 1; at each place of the side the shares of all tiles sum to 1.</summary>
    public double Weight(double place) => (IsFirst ? 1 : Rise(place - From)) - (IsLast ? 0 : Rise(place - To));

    /// <summary>
    /// Tiles for a local model: neighbours overlap by twice the halo, and each keeps what the ends of its own piece cannot have touched. All are of one length
    /// where the side is longer than that; the first and the last need no halo where the image ends.
    /// </summary>
    /// <param name="side">The whole side.</param>
    /// <param name="length">Longest tile, more than twice the halo.</param>
    /// <param name="halo">The halo.</param>
    public static IReadOnlyList<Tile> Exact(int side, int length, int halo)
    {
        if (side <= length)
        {
            return [Whole(side)];
        }

        List<Tile> tiles = [];
        for (var (start, from) = (0, 0); from < side;)
        {
            start = Math.Min(start, side - length);
            var isLast = start == side - length;
            var to = isLast ? side : start + length - halo;
            tiles.Add(new Tile(start, length, from, to, Ramp: 0, IsFirst: start == 0, isLast));
            (start, from) = (start + length - (2 * halo), to);
        }

        return tiles;
    }

    /// <summary>Tiles for a model that sees the whole image: neighbours overlap by a quarter of a tile at least, and are blended in that quarter.</summary>
    /// <param name="side">The whole side.</param>
    /// <param name="length">Longest tile, 4 or more.</param>
    public static IReadOnlyList<Tile> Blended(int side, int length)
    {
        if (side <= length)
        {
            return [Whole(side)];
        }

        // Spread evenly. A tile advances by more than its overlap, so that no place lies in two ramps.
        var overlap = length / 4;
        var steps = (side - length + length - overlap - 1) / (length - overlap);
        int[] starts = [.. Enumerable.Range(0, steps + 1).Select(i => (int)((long)(side - length) * i / steps))];
        return [.. starts.Select((start, i) => new Tile(
            start, length, i == 0 ? 0 : Between(i - 1), i == steps ? side : Between(i), overlap, IsFirst: i == 0, IsLast: i == steps))];

        double Between(int i) => (starts[i] + length + starts[i + 1]) / 2.0;
    }

    private static Tile Whole(int side) => new(0, side, 0, side, Ramp: 0, IsFirst: true, IsLast: true);

    private double Rise(double distance) => Ramp == 0 ? (distance >= 0 ? 1 : 0) : Math.Clamp((distance / Ramp) + 0.5, 0, 1);
}
