using System.Text.RegularExpressions;
using LiteVae.Tests;

namespace LiteVae.Training.Tests.Progress.Report;

public sealed class ReportPicturesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(100)]
    [InlineData(4097)]
    public void The_first_the_last_and_some_evenly_spread_ones_are_chosen(int count)
    {
        var pictures = Enumerable.Range(0, count).Select(i => new ReportPicture(i, "")).ToList();
        var steps = ReportPictures.Choose(pictures).Select(picture => picture.Step).ToList();

        Assert.Equal((0, count - 1), (steps[0], steps[^1]));
        Assert.InRange(steps.Count, Math.Min(count, 6), 12);
        Assert.Single(steps.SkipLast(1).Zip(steps.SkipLast(1).Skip(1), (a, b) => b - a).DefaultIfEmpty(1).Distinct());
    }

    [Fact]
    public void A_picture_is_embedded_as_it_looks_and_a_large_one_smaller()
    {
        using var folder = new TemporaryFolder();
        PngFile.Save(folder.At("small.png"), Halves(64, 32));
        PngFile.Save(folder.At("large.png"), Halves(2048, 512));
        var html = new ReportPictures().Render([new(1, folder.At("small.png")), new(2, folder.At("large.png"))]);

        var embedded = Regex.Matches(html, "data:image/jpeg;base64,([^\"]*)").Select(m => ImageDecoder.Decode(Convert.FromBase64String(m.Groups[1].Value), "embedded")).ToList();
        Assert.Equal([(1024, 256), (64, 32)], embedded.Select(image => (image.Width, image.Height))); // the newest first
        foreach (var image in embedded)
        {
            var row = image.Row(image.Height / 2).ToArray();
            AssertNear([200, 30, 60], row[..3]);
            AssertNear([10, 120, 240], row[^3..]);
        }

        static void AssertNear(byte[] expected, byte[] actual) => Assert.All(expected.Zip(actual), pair => Assert.InRange(pair.Second, pair.First - 4, pair.First + 4)); // JPEG's loss
    }

    private static RgbImage Halves(int width, int height)
    {
        var pixels = new byte[width * height * 3];
        for (var i = 0; i < width * height; i++)
        {
            byte[] colour = i % width < width / 2 ? [200, 30, 60] : [10, 120, 240];
            colour.CopyTo(pixels, 3 * i);
        }

        return new RgbImage(width, height, pixels);
    }
}
