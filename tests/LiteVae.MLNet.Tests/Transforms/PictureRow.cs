using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace LiteVae.Tests.Transforms;

/// <summary>A row with a column of every kind; its picture has one colour, made from its number.</summary>
internal sealed class PictureRow
{
    public const int Side = 16;

    public int Number { get; set; }

    public string Name { get; set; } = "";

    [VectorType(3)]
    public float[] Values { get; set; } = [];

    [ImageType(Side, Side)]
    public MLImage? Image { get; set; }

    public static PictureRow Create(int number) => new()
    {
        Number = number,
        Name = $"row {number}",
        Values = [number, number + 0.5f, -number],
        Image = Solid(Side, Side, Colour(number)),
    };

    public static PictureRow[] Many(int count) => [.. Enumerable.Range(0, count).Select(Create)];

    public static (byte Red, byte Green, byte Blue) Colour(int number) => ((byte)number, (byte)(3 * number), (byte)(7 * number));

    public static MLImage Solid(int width, int height, (byte Red, byte Green, byte Blue) colour) => MLImage.CreateFromPixels(
        width, height, MLPixelFormat.Bgra32, [.. Enumerable.Range(0, width * height).SelectMany(_ => new byte[] { colour.Blue, colour.Green, colour.Red, 255 })]);

    /// <summary>The posterior mean of the tiny model, by hand: R + 2 G and B - 0.25 in every place, with colours from -1 to 1.</summary>
    public static float[] Latent((byte Red, byte Green, byte Blue) colour, int places)
    {
        var (first, second) = (Level(colour.Red) + (2 * Level(colour.Green)), Level(colour.Blue) - 0.25f);
        return [.. Enumerable.Repeat(first, places), .. Enumerable.Repeat(second, places)];
    }

    public static float[] Latent(int number) => Latent(Colour(number), Side / 8 * Side / 8);

    /// <summary>Checks a latent of a row. The tolerance is that of averaging 64 pixels in single precision.</summary>
    public static void AssertLatent(int number, IEnumerable<float> actual) => AssertClose(Latent(number), actual);

    public static void AssertClose(IEnumerable<float> expected, IEnumerable<float> actual) =>
        Assert.Equal(expected, actual, (a, b) => Math.Abs(a - b) < 1e-5f);

    private static float Level(byte value) => (value / 127.5f) - 1;
}

/// <summary>What an encoder appends.</summary>
internal sealed class LatentRow
{
    public int Number { get; set; }

    [VectorType]
    public float[] Latent { get; set; } = [];
}

/// <summary>What a decoder appends.</summary>
internal sealed class DecodedRow
{
    public int Number { get; set; }

    [ImageType(PictureRow.Side, PictureRow.Side)]
    public MLImage? Decoded { get; set; }
}
