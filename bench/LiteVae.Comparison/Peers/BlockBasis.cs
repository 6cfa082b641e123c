using LiteVae.Training;
using static TorchSharp.torch;

namespace LiteVae.Comparison.Peers;

/// <summary>The Karhunen-Loève basis of the 8 x 8 blocks of photos: no other linear code keeps more of such blocks' variance in as many numbers.</summary>
internal sealed class BlockBasis : IDisposable
{
    /// <summary>Side of a block in pixels.</summary>
    public const int Side = 8;

    /// <summary>Values of a block.</summary>
    public const int Values = RgbImage.Channels * Side * Side;

    /// <summary>Of the photos, sorted by name, one in so many is looked at.</summary>
    public const int EveryPhoto = 2;

    /// <summary>Blocks taken of a photo, at random places.</summary>
    public const int BlocksOfPhoto = 300;

    private const ulong Seed = 0;

    private BlockBasis(Tensor mean, Tensor vectors) => (Mean, Vectors) = (mean, vectors);

    /// <summary>The mean block, [1, 3, 8, 8], in [-1, 1].</summary>
    public Tensor Mean { get; }

    /// <summary>The basis, [192, 3, 8, 8]: orthonormal, that of the greatest variance first.</summary>
    public Tensor Vectors { get; }

    /// <summary>Learns the basis of a folder's photos. A photo smaller than a block is passed over.</summary>
    /// <exception cref="InvalidDataException">There is no photo, or one cannot be read.</exception>
    public static BlockBasis Learn(string folder)
    {
        using var statistics = new FeatureStatistics(Values);
        using var scope = NewDisposeScope();
        var photos = ImageSource.Find([folder]);
        for (var i = 0; i < photos.Count; i += EveryPhoto)
        {
            if (ImageDecoder.Decode(photos[i].Path) is { Width: >= Side, Height: >= Side } photo)
            {
                statistics.Add(tensor(RandomBlocks(photo, new CounterRandom(Seed, (ulong)i)), [BlocksOfPhoto, Values]));
            }
        }

        if (statistics.Count == 0)
        {
            throw new InvalidDataException($"{folder}: no photo of {Side} x {Side} pixels or more found: name a folder of photos, such as those that the models were trained on.");
        }

        var (mean, covariance) = statistics.Moments();
        var (_, vectors) = linalg.eigh(covariance); // columns, the least variance first
        return new BlockBasis(Detached(mean, 1), Detached(vectors.t().flip(0), Values));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Mean.Dispose();
        Vectors.Dispose();
    }

    private static Tensor Detached(Tensor blocks, int count) => blocks.to(float32).reshape(count, RgbImage.Channels, Side, Side).contiguous().DetachFromDisposeScope();

    private static float[] RandomBlocks(RgbImage photo, CounterRandom random)
    {
        var pixels = new PixelTensor(1, photo.Height, photo.Width);
        pixels.Set(0, photo);
        var blocks = new float[BlocksOfPhoto * Values];
        var rows = blocks.AsSpan();
        for (var block = 0; block < BlocksOfPhoto; block++)
        {
            var (left, top) = (random.Next(photo.Width - Side + 1), random.Next(photo.Height - Side + 1));
            for (var channel = 0; channel < RgbImage.Channels; channel++)
            {
                for (var y = top; y < top + Side; y++, rows = rows[Side..])
                {
                    pixels.Data.AsSpan((((channel * photo.Height) + y) * photo.Width) + left, Side).CopyTo(rows);
                }
            }
        }

        return blocks;
    }
}
