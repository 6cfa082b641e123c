namespace LiteVae.Tests.Images;

public class PixelTensorTests
{
    [Fact]
    public void Pixels_become_planes_in_minus_one_to_one()
    {
        var tensor = new PixelTensor(2, 2, 2);
        tensor.Set(1, new RgbImage(2, 2, [0, 51, 255, 255, 102, 0, 0, 153, 255, 255, 204, 0]));

        // Red, green, blue plane of the second image; 51 is a fifth of 255.
        float[] expected = [-1, 1, -1, 1, -0.6f, -0.2f, 0.2f, 0.6f, 1, -1, 1, -1];
        Assert.All(expected.Zip(tensor.GetImage(1).ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        Assert.Equal(new float[12], tensor.GetImage(0).ToArray());
        Assert.Equal(tensor.GetImage(1).ToArray(), tensor.Data[12..]);
    }

    [Fact]
    public void Every_level_survives_the_way_there_and_back()
    {
        var levels = Pictures.FromPixels(16, 16, (x, y) => ((byte)(y * 16 + x), (byte)(255 - y * 16 - x), (byte)(x * 16 + y)));
        var tensor = new PixelTensor(1, 16, 16);
        tensor.Set(0, levels);
        Assert.Equal(levels.Pixels, tensor.ToRgb(0).Pixels);
    }

    [Fact]
    public void A_smaller_image_is_continued_by_its_last_column_and_row()
    {
        var image = Pictures.Noise(3, 2);
        var tensor = new PixelTensor(1, 4, 5);

        tensor.Set(0, image);

        var expected = Pictures.FromPixels(5, 4, (x, y) => Pictures.At(image, Math.Min(x, 2), Math.Min(y, 1)));
        Assert.Equal(expected.Pixels, tensor.ToRgb(0).Pixels);
        Assert.Equal(image.Pixels, tensor.ToRgb(0, 3, 2).Pixels);
    }

    [Theory]
    [InlineData(6, 4)]
    [InlineData(5, 5)]
    public void A_larger_image_is_refused(int width, int height)
    {
        var e = Assert.Throws<ArgumentException>(() => new PixelTensor(1, 4, 5).Set(0, Pictures.Noise(width, height)));
        Assert.Contains($"An image of {width} x {height} does not fit into a tensor of 5 x 4", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1.5f, 0)]
    [InlineData(float.NegativeInfinity, 0)]
    [InlineData(1.0001f, 255)]
    [InlineData(float.PositiveInfinity, 255)]
    [InlineData(0.003f, 128)]
    [InlineData(-0.003f, 127)]
    public void Values_are_clamped_and_rounded(float value, byte level)
    {
        var tensor = new PixelTensor(1, 1, 1);
        tensor.Data.AsSpan().Fill(value);
        Assert.Equal([level, level, level], tensor.ToRgb(0).Pixels);
    }

    [Fact]
    public void Nan_is_reported_with_its_place()
    {
        var tensor = new PixelTensor(2, 3, 4);
        tensor.GetImage(1)[(1 * 3 + 2) * 4 + 3] = float.NaN; // channel 1, y 2, x 3
        var e = Assert.Throws<InvalidDataException>(() => tensor.ToRgb(1));
        Assert.Contains("Image 1 of the batch is NaN at x 3, y 2, channel 1", e.Message, StringComparison.Ordinal);
        Assert.Equal((4, 3), (tensor.ToRgb(0).Width, tensor.ToRgb(0).Height));
    }

    [Fact]
    public void A_batch_too_large_for_one_array_is_refused_with_its_size()
    {
        var e = Assert.Throws<ArgumentException>(() => new PixelTensor(1000, 4096, 4096));
        Assert.Contains("50331648000 floats", e.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new PixelTensor(int.MaxValue, int.MaxValue, int.MaxValue));
    }

    [Fact]
    public void An_image_out_of_the_batch_is_refused()
    {
        var tensor = new PixelTensor(2, 1, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.GetImage(2).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.ToRgb(-1));
    }

    [Theory]
    [InlineData(0, 8, 0)]
    [InlineData(1, 8, 8)]
    [InlineData(8, 8, 8)]
    [InlineData(9, 8, 16)]
    [InlineData(7, 1, 7)]
    [InlineData(2147483640, 8, 2147483640)]
    public void Sizes_round_up_to_a_multiple(int size, int multiple, int expected) => Assert.Equal(expected, PixelTensor.RoundUp(size, multiple));

    [Fact]
    public void A_size_that_would_round_up_beyond_an_integer_is_refused() =>
        Assert.Throws<OverflowException>(() => PixelTensor.RoundUp(int.MaxValue, 8));

    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(1, -1, 3)]
    [InlineData(2, 2, 11)]
    [InlineData(40_000, 40_000, 12)]
    public void An_image_whose_pixels_do_not_fit_its_size_is_refused(int width, int height, int bytes) =>
        Assert.ThrowsAny<ArgumentException>(() => new RgbImage(width, height, new byte[bytes]));
}
