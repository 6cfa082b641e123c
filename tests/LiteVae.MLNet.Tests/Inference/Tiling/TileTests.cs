namespace LiteVae.Tests.Inference;

public sealed class TileTests
{
    private static readonly (int Length, int Halo)[] Local = [(1, 0), (4, 0), (5, 2), (9, 2), (40, 19), (122, 60)];
    private static readonly int[] Lengths = [4, 5, 6, 7, 8, 15, 32];

    [Fact]
    public void Local_tiles_keep_each_place_once_and_only_where_its_halo_went_through_the_model()
    {
        foreach (var (length, halo) in Local)
        {
            for (var side = 1; side <= 3 * length + 5; side++)
            {
                var tiles = Tile.Exact(side, length, halo);
                for (var place = 0; place < side; place++)
                {
                    var owners = tiles.Where(tile => tile.From <= place && place < tile.To).ToList();
                    var isWhole = owners is [var owner] && owner.Start <= Math.Max(0, place - halo) && Math.Min(side, place + halo + 1) <= owner.Start + owner.Length;
                    var countsAlone = tiles.All(tile => tile.Weight(place + 0.5) == (tile == owners[0] ? 1 : 0));
                    Assert.True(isWhole && countsAlone, $"place {place} of {side}, tiles {string.Join(", ", owners)}");
                }

                Assert.All(tiles, tile => Assert.True(tile.Start >= 0 && tile.Start + tile.Length <= side && tile.Length == Math.Min(side, length)));
            }
        }
    }

    [Fact]
    public void The_shares_of_blended_tiles_sum_to_one_and_no_tile_counts_outside_what_it_computed()
    {
        foreach (var length in Lengths)
        {
            for (var side = 1; side <= 4 * length; side++)
            {
                var tiles = Tile.Blended(side, length);
                for (var place = 1 / 16.0; place < side; place += 1 / 8.0) // the middles of pixels at factor 8
                {
                    var counting = tiles.Where(tile => tile.First < place && place < tile.End).ToList();
                    var sumsToOne = Math.Abs(counting.Sum(tile => tile.Weight(place)) - 1) < 1e-12;
                    var isInside = counting.All(tile => tile.Weight(place) is >= 0 and <= 1 && tile.Start <= place && place <= tile.Start + tile.Length);
                    Assert.True(counting.Count is 1 or 2 && sumsToOne && isInside, $"{place} of {side}: {string.Join(", ", counting)}");
                }

                Assert.All(tiles, tile => Assert.Equal(Math.Min(side, length), tile.Length));
            }
        }
    }

    [Fact]
    public void Neighbours_overlap_by_a_quarter_and_hand_over_along_it()
    {
        // 56 latents in tiles of 32: two tiles, 24 to 56 the second; they share 24 to 32, and each has half a share at 28.
        var tiles = Tile.Blended(56, 32);
        Assert.Equal([(0, 32), (24, 32)], tiles.Select(tile => (tile.Start, tile.Length)));
        Assert.Equal([1, 0.75, 0.5, 0.25, 0], new[] { 24, 26, 28, 30, 32.0 }.Select(tiles[0].Weight));
        Assert.Equal([0, 0.25, 0.5, 0.75, 1], new[] { 24, 26, 28, 30, 32.0 }.Select(tiles[1].Weight));
    }

    [Fact]
    public void What_fits_is_one_tile()
    {
        foreach (var tile in new[] { Assert.Single(Tile.Exact(40, 40, 19)), Assert.Single(Tile.Blended(40, 40)) })
        {
            Assert.Equal((0, 40), (tile.Start, tile.Length));
            Assert.Equal(1, tile.Weight(39.5));
        }
    }
}
