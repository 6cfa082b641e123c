using LiteVae.Tests;

namespace LiteVae.Training.Tests.Export;

/// <summary>Tiles of a model with GroupNorm, which sees the whole image: blended, they come close and show no seam.</summary>
public sealed class BlendedTilesTests : IDisposable
{
    private const int Tile = 128;                // 16 latents; two tiles of a side of 28 share 4
    private const int Height = Tile;
    private const int Width = 224;
    private const int Latents = Width / 8;
    private const int Shared = Tile / 8 / 4;
    private const int Second = Latents - (Tile / 8);

    private readonly TemporaryFolder _folder = new();

    public BlendedTilesTests()
    {
        using var network = TinyNetwork.Create(TinyNetwork.Architecture(decoder: BlockNorm.SelfModulated, attention: false));
        OnnxExporter.Export(network, TinyNetwork.Config(network), _folder.At("model"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Where_two_tiles_meet_the_moments_go_over_from_one_to_the_other_along_a_line()
    {
        var images = Picture();
        using var model = LiteVaeModel.Load(_folder.At("model"));
        using var tiled = LiteVaeModel.Load(_folder.At("model"), new LiteVaeModelOptions { TileSize = Tile });
        var (left, right, actual) = (model.Encode(Part(images, 0)), model.Encode(Part(images, 8 * Second)), tiled.Encode(images));
        Assert.Equal(2, tiled.EncoderRuns);

        for (var line = 0; line < 2 * TinyNetwork.LatentChannels * Height / 8; line++)
        {
            for (var x = 0; x < Latents; x++)
            {
                var share = Math.Clamp((x + 0.5 - Second) / Shared, 0, 1); // of the right one
                var expected = (share < 1 ? (1 - share) * left.Moments[(line * Tile / 8) + x] : 0) + (share > 0 ? share * right.Moments[(line * Tile / 8) + x - Second] : 0);
                Assert.Equal(expected, actual.Moments[(line * Latents) + x], 1e-5);
            }
        }
    }

    [Fact]
    public void The_difference_from_the_whole_image_is_there_and_has_no_step_where_tiles_meet()
    {
        var images = Picture();
        using var model = LiteVaeModel.Load(_folder.At("model"));
        using var tiled = LiteVaeModel.Load(_folder.At("model"), new LiteVaeModelOptions { TileSize = Tile });
        var (whole, blended) = (model.Encode(images).Moments, tiled.Encode(images).Moments);
        var (left, right) = (model.Encode(Part(images, 0)).Moments, model.Encode(Part(images, 8 * Second)).Moments);
        Assert.All(blended, value => Assert.True(float.IsFinite(value)));
        var difference = blended.Zip(whole, (a, b) => Math.Abs(a - b)).ToArray();
        Assert.True(difference.Max() > 1e-3, $"{difference.Max()}"); // norms do see the whole image
        TestContext.Current.TestOutputHelper?.WriteLine($"largest {difference.Max():G3}, mean {difference.Average():G3}, scale {whole.Max(Math.Abs):G3}");

        // From column to column a blend moves as its tiles do, and by the gap between them divided by the length of the ramp: a cut would show all of the gap at once.
        for (var line = 0; line < 2 * TinyNetwork.LatentChannels * Height / 8; line++)
        {
            var gap = Enumerable.Range(Second, Shared).Max(x => Math.Abs(Right(x) - Left(x)));
            for (var x = Second; x <= Second + Shared; x++)
            {
                var own = Math.Max(x < Second + Shared ? Math.Abs(Left(x) - Left(x - 1)) : 0, x > Second ? Math.Abs(Right(x) - Right(x - 1)) : 0);
                var step = Math.Abs(blended[(line * Latents) + x] - blended[(line * Latents) + x - 1]);
                Assert.True(step <= own + (gap / Shared) + 1e-4, $"line {line}, column {x}: a step of {step}; the tiles' own {own}, their gap {gap}");
            }

            float Left(int x) => left[(line * Tile / 8) + x];
            float Right(int x) => right[(line * Tile / 8) + x - Second];
        }
    }

    [Fact]
    public void The_decoder_of_the_same_model_is_local_and_gives_what_it_gives_whole()
    {
        using var model = LiteVaeModel.Load(_folder.At("model"));
        var locality = Locality.OfDecoder(model.ReadDecoder(), 8)!;
        using var tiled = LiteVaeModel.Load(_folder.At("model"), new LiteVaeModelOptions { TileSize = (2 * locality.Halo) + 16 });
        var side = (2 * locality.Halo / 8) + 7;
        var random = new Random(4);
        float[] latents = [.. Enumerable.Range(0, TinyNetwork.LatentChannels * side * 3).Select(_ => random.NextSingle())];
        var (expected, actual) = (model.Decode(latents, 1, 3, side).Data, tiled.Decode(latents, 1, 3, side).Data);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4f * Math.Max(1, Math.Abs(pair.First))));
        Assert.True(tiled.DecoderRuns > 1);
    }

    /// <summary>Dark on the left and bright on the right, so that the parts' statistics differ.</summary>
    private static PixelTensor Picture()
    {
        var random = new Random(3);
        var images = new PixelTensor(1, Height, Width);
        for (var i = 0; i < images.Data.Length; i++)
        {
            images.Data[i] = (1.6f * (i % Width) / Width) - 0.8f + (0.2f * random.NextSingle());
        }

        return images;
    }

    private static PixelTensor Part(PixelTensor images, int left)
    {
        var part = new PixelTensor(1, Height, Tile);
        for (var line = 0; line < 3 * Height; line++)
        {
            images.Data.AsSpan((line * Width) + left, Tile).CopyTo(part.Data.AsSpan(line * Tile));
        }

        return part;
    }
}
