using LiteVae.Tests;

namespace LiteVae.Training.Tests.Data;

public sealed class CropSamplerTests
{
    [Fact]
    public void An_epoch_holds_every_image_once_and_the_next_one_another_order()
    {
        using var folder = new TemporaryFolder();
        WriteFlatImages(folder, 12);
        var sampler = new CropSampler(new ImageFolder(folder.Root), seed: 3);
        var order = Enumerable.Range(0, 24).Select(n => Sample(sampler, n)[0]).ToList();

        Assert.Equal(12, order.Take(12).Distinct().Count());
        Assert.Equal(12, order.Skip(12).Distinct().Count());
        Assert.NotEqual(order.Take(12), order.Skip(12));
    }

    [Fact]
    public void A_sample_depends_on_seed_and_number_alone()
    {
        using var folder = new TemporaryFolder();
        TrainingPictures.Write(folder);
        var images = new ImageFolder(folder.At("data"));
        var (one, again, other) = (new CropSampler(images, 3), new CropSampler(images, 3), new CropSampler(images, 4));
        var forwards = Enumerable.Range(0, 20).Select(n => Sample(one, n)).ToList();
        var backwards = Enumerable.Range(0, 20).Reverse().Select(n => Sample(again, n)).Reverse().ToList();

        Assert.Equal(forwards, backwards);
        Assert.NotEqual(forwards, Enumerable.Range(0, 20).Select(n => Sample(other, n)));
    }

    [Fact]
    public void A_crop_is_a_part_of_the_image_or_its_mirror()
    {
        using var folder = new TemporaryFolder();
        TrainingPictures.Write(folder, count: 1);
        var images = new ImageFolder(folder.At("data"));
        var sampler = new CropSampler(images, seed: 0);
        var image = new PixelTensor(1, 32, 40);
        image.Set(0, images.Load(0));
        var mirrored = 0;
        for (var n = 0; n < 16; n++)
        {
            var crop = Sample(sampler, n, 16);
            var matches = Matches(image.Data, crop).ToList();
            Assert.NotEmpty(matches);
            mirrored += matches.All(m => m) ? 1 : 0;
        }

        Assert.InRange(mirrored, 2, 14); // 16 fair coins: outside once in 2,000 seeds, and the seed is fixed
    }

    [Fact]
    public void A_smaller_image_is_enlarged()
    {
        using var folder = new TemporaryFolder();
        PngFile.Save(folder.At("small.png"), new RgbImage(3, 2, [.. Enumerable.Repeat((byte)255, 18)]));
        Assert.All(Sample(new CropSampler(new ImageFolder(folder.Root), 0), 0), v => Assert.Equal(1, v));
    }

    [Fact]
    public void A_very_long_thin_image_costs_no_more_than_its_square()
    {
        using var folder = new TemporaryFolder();
        PngFile.Save(folder.At("thin.png"), new RgbImage(400_000, 1, [.. Enumerable.Repeat((byte)128, 400_000 * 3)]));
        Assert.All(Sample(new CropSampler(new ImageFolder(folder.Root), 0), 0, 128), v => Assert.Equal(128 / 127.5f - 1, v, 1e-6f));
    }

    [Fact]
    public void A_resized_crop_shows_half_to_all_of_the_short_side()
    {
        // brightness rises by 1 a column: what a crop's first and last columns differ by is its width
        using var folder = new TemporaryFolder();
        var pixels = Enumerable.Range(0, 64 * 128).SelectMany(i => Enumerable.Repeat((byte)(i % 128), 3)).ToArray();
        PngFile.Save(folder.At("ramp.png"), new RgbImage(128, 64, pixels));
        var sampler = new CropSampler(new ImageFolder(folder.Root), 5);
        var widths = Enumerable.Range(0, 100).Select(n => Width(Sample(sampler, n, 16, CropKind.Resized))).ToList();

        // of 64 rows, 32 to 64; the two ends of 16 columns are 15 of 16 columns apart, and lose a little to the filter's edges
        Assert.All(widths, width => Assert.InRange(width, 0.85 * 32 * 15 / 16, 1.05 * 64 * 15 / 16));
        Assert.True(widths.Min() < 36);
        Assert.True(widths.Max() > 54);

        static double Width(float[] crop) => Math.Abs(crop[15] - crop[0]) * 127.5;
    }

    [Fact]
    public void Without_flips_no_crop_is_mirrored()
    {
        using var folder = new TemporaryFolder();
        var pixels = Enumerable.Range(0, 32 * 32).SelectMany(i => Enumerable.Repeat((byte)(i % 32), 3)).ToArray();
        PngFile.Save(folder.At("ramp.png"), new RgbImage(32, 32, pixels));
        var sampler = new CropSampler(new ImageFolder(folder.Root), 5);
        Assert.All(Enumerable.Range(0, 20), n => Assert.True(Sample(sampler, n, 16, flip: false) is var crop && crop[15] > crop[0]));
    }

    private static float[] Sample(CropSampler sampler, long n, int size = 16, CropKind crop = CropKind.Plain, bool flip = true)
    {
        var batch = new PixelTensor(1, size, size);
        sampler.Write(n, new TrainingStage { Resolution = size, Crop = crop, Flip = flip }, batch, 0);
        return batch.Data;
    }

    private static void WriteFlatImages(TemporaryFolder folder, int count)
    {
        for (var i = 0; i < count; i++)
        {
            PngFile.Save(folder.At($"{i}.png"), new RgbImage(16, 16, [.. Enumerable.Repeat((byte)(10 * i), 16 * 16 * 3)]));
        }
    }

    /// <summary>For each place in the 40 x 32 image where the 16 x 16 crop fits: whether it fits mirrored.</summary>
    private static IEnumerable<bool> Matches(float[] image, float[] crop)
    {
        foreach (var mirror in new[] { false, true })
        {
            for (var top = 0; top <= 16; top++)
            {
                for (var left = 0; left <= 24; left++)
                {
                    if (Fits(top, left, mirror))
                    {
                        yield return mirror;
                    }
                }
            }
        }

        bool Fits(int top, int left, bool mirror)
        {
            for (var i = 0; i < crop.Length; i++)
            {
                var (c, y, x) = (i / 256, i / 16 % 16, i % 16);
                if (crop[i] != image[(c * 32 * 40) + ((top + y) * 40) + left + (mirror ? 15 - x : x)])
                {
                    return false;
                }
            }

            return true;
        }
    }
}
