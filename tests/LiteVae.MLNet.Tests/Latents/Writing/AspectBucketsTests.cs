namespace LiteVae.Tests.Latents.Writing;

public sealed class AspectBucketsTests
{
    [Fact]
    public void Of_an_area_there_are_the_documented_sizes() => Assert.Equal(
        ["160x384", "192x320", "224x288", "256x256", "288x224", "320x192", "384x160"], AspectBuckets.OfArea(256, 8).Select(size => size.ToString()));

    [Theory]
    [InlineData(512, 8, 64)]
    [InlineData(1024, 8, 64)]
    [InlineData(480, 24, 48)]
    [InlineData(32, 8, 32)]
    public void Sizes_are_within_the_area_the_ratio_and_the_step(int side, int factor, int step)
    {
        var sizes = AspectBuckets.OfArea(side, factor);
        Assert.Contains(new ImageSize(side, side), sizes);
        Assert.Equal(sizes, sizes.Distinct());
        Assert.Equal(sizes.Select(size => new ImageSize(size.Height, size.Width)).Reverse(), sizes);
        Assert.All(sizes, size =>
        {
            Assert.True((size.Width % step, size.Height % step) == (0, 0) && size.Width * size.Height <= side * side, $"{size}");
            Assert.InRange((double)size.Width / size.Height, 0.4, 2.5);
            Assert.True((Math.Max(size.Width, size.Height) + step) * Math.Min(size.Width, size.Height) > side * side, $"{size} could be larger");
        });
    }

    [Theory]
    [InlineData(100, 8)]
    [InlineData(0, 8)]
    [InlineData(16, 8)]
    public void A_side_that_is_no_multiple_of_the_step_is_refused(int side, int factor) => Assert.Throws<ArgumentException>(() => AspectBuckets.OfArea(side, factor));

    [Fact]
    public void An_image_goes_to_the_size_whose_ratio_is_nearest_by_logarithm()
    {
        var sizes = AspectBuckets.OfArea(512, 8);
        var random = new Random(1);
        for (var i = 0; i < 1000; i++)
        {
            var (width, height) = (random.Next(1, 5000), random.Next(1, 5000));
            var expected = sizes.Select(size => Math.Abs(Math.Log((double)width / height) - Math.Log((double)size.Width / size.Height))).ToList();
            Assert.Equal(expected.Min(), expected[AspectBuckets.Nearest(sizes, width, height)], 1e-9);
        }

        Assert.Equal(0, AspectBuckets.Nearest([new(2, 1), new(1, 2)], 5, 5)); // as near: the first
    }
}
