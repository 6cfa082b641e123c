using System.Globalization;
using System.Text;
using LiteVae.Tests.Shared;

namespace LiteVae.Tests.Images;

/// <summary>Some 800 pictures that are rare, strange, damaged or hostile, against what an independent decoder says of them.</summary>
public class OddImageTests
{
    /// <summary>Files whose mean in the table is wrong: the decoder that made the table misreads them.</summary>
    /// <remarks>pal4rle.bmp: a four-bit run-length decoder written out by hand gives 77.8 / 107.6 / 79.2, which is also what we decode.</remarks>
    private static readonly string[] WrongMeans = ["bmp/pal4rle.bmp"];

    [Theory]
    [InlineData("exif/Landscape_{0}.jpg", 600, 450)]
    [InlineData("exif/Portrait_{0}.jpg", 450, 600)]
    [InlineData("exif/hopper_orientation_{0}.jpg", 128, 128)]
    [InlineData("exif/hopper_orientation_{0}.webp", 128, 128)]
    public void All_orientations_of_a_photo_look_alike(string pattern, int width, int height)
    {
        // Small, so that the number drawn into some of them does not matter; a wrong orientation differs by over 20 levels.
        var upright = SmallUpright(pattern, 2, width, height);
        for (var orientation = 3; orientation <= 8; orientation++)
        {
            var other = SmallUpright(pattern, orientation, width, height);
            var difference = upright.Pixels.Zip(other.Pixels, (a, b) => Math.Abs(a - b)).Average();
            Assert.True(difference < 8, $"orientation {orientation} differs by {difference:F1} levels");
        }

        static RgbImage SmallUpright(string pattern, int orientation, int width, int height)
        {
            var file = string.Format(CultureInfo.InvariantCulture, pattern, orientation);
            var image = ImageDecoder.Decode(SharedData.PathOrSkip("data/odd/" + file));
            Assert.Equal((width, height), (image.Width, image.Height));
            return BicubicResizer.Resize(image, 16, 16);
        }
    }

    [Fact]
    public void Every_odd_file_is_decoded_or_refused_as_its_table_says()
    {
        var folder = SharedData.PathOrSkip("data/odd");
        var rows = OddImageTable.Read(Path.Combine(folder, "expected.csv"));
        Assert.True(rows.Count > 800, $"the table has only {rows.Count} rows");
        var faults = new StringBuilder();
        Parallel.ForEach(rows, new ParallelOptions { MaxDegreeOfParallelism = 2 }, row =>
        {
            if (Fault(folder, row) is { } fault)
            {
                lock (faults)
                {
                    faults.AppendLine(CultureInfo.InvariantCulture, $"{row.File}: {fault} [{row.Note}]");
                }
            }
        });

        Assert.True(faults.Length == 0, faults.ToString());
    }

    private static string? Fault(string folder, OddImageTable.Row row)
    {
        RgbImage image;
        try
        {
            image = ImageDecoder.Decode(Path.Combine(folder, row.File));
        }
        catch (InvalidDataException e)
        {
            return row.Expected == "decode" ? $"refused: {e.Message}" : null;
        }
        catch (Exception e)
        {
            return $"threw {e.GetType().Name}: {e.Message}";
        }

        if (row.Expected == "refuse")
        {
            return $"decoded to {image.Width} x {image.Height}, but must be refused";
        }

        if (row.Expected != "decode")
        {
            return null;
        }

        if (row.Size is { } size && size != (image.Width, image.Height))
        {
            return $"decoded to {image.Width} x {image.Height}, not {size}";
        }

        if (row.Mean is { } mean && !row.HasAlpha && !WrongMeans.Contains(row.File))
        {
            var got = Mean(image);
            var distance = mean.Zip(got, (a, b) => Math.Abs(a - b)).Max();
            return distance > 2 ? $"mean {string.Join("/", got.Select(m => m.ToString("F1", CultureInfo.InvariantCulture)))}, not {string.Join("/", mean)}" : null;
        }

        return null;
    }

    private static double[] Mean(RgbImage image)
    {
        var sums = new double[3];
        for (var i = 0; i < image.Pixels.Length; i++)
        {
            sums[i % 3] += image.Pixels[i];
        }

        return Array.ConvertAll(sums, sum => sum / (image.Pixels.Length / 3));
    }
}
