using LiteVae.Tests.Shared;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace LiteVae.Tests.Transforms;

/// <summary>The model that ships, on the sample photos, through ML.NET alone.</summary>
public sealed class DefaultModelTests
{
    private const int Side = 128;

    private static readonly string Photos = Path.Combine(SharedData.Repository, "samples", "photos");

    private readonly MLContext _context = new(seed: 0);

    [Fact]
    public void Encode_gives_the_same_bytes_for_any_batch_size_number_of_threads_and_order_of_rows()
    {
        // 40 rows, so that batches of 32 are full ones too: the 8 photos five times.
        string[] paths = [.. Enumerable.Repeat(Directory.GetFiles(Photos, "*.jpg").Order(), 5).SelectMany(photos => photos)];
        var expected = Encode(batch: 1, threads: 1, paths[..8]);
        Assert.Equal(12 * Side / 8 * Side / 8, expected[0].Length);
        foreach (var batch in new[] { 1, 2, 7, 32 })
        {
            foreach (var threads in new[] { 1, 2 })
            {
                int[] order = [.. Enumerable.Range(0, paths.Length)];
                new Random(batch + (100 * threads)).Shuffle(order);
                var latents = Encode(batch, threads, [.. order.Select(row => paths[row])]);
                Assert.All(order.Index(), row => Assert.Equal(Bits(expected[row.Item % 8]), Bits(latents[row.Index])));
            }
        }

        static int[] Bits(float[] latent) => Array.ConvertAll(latent, BitConverter.SingleToInt32Bits);
    }

    [Fact]
    public void LoadImages_before_it_gives_the_latents_of_the_paths()
    {
        var names = _context.Data.LoadFromEnumerable(Directory.GetFiles(Photos, "*.jpg").Order().Select(path => new { Name = Path.GetFileName(path) }));
        var loaded = _context.Transforms.LoadImages("Image", Photos, "Name")
            .Append(_context.Transforms.LiteVaeEncode("Latent", "Image", new LiteVaeEncodeOptions { Width = Side, Height = Side }))
            .Fit(names).Transform(names);
        Assert.Equal(Encode(batch: 1, threads: 1), Pipeline.Latents(loaded));
    }

    [Fact]
    public void Every_photo_comes_back_better_than_as_its_block_means()
    {
        // An 8 x 8 block's mean colour is 3 numbers where the latent has 12: whoever learned nothing else has at least these.
        var rows = Rows();
        var options = new LiteVaeReconstructOptions { Width = Side, Height = Side, PsnrColumn = "Psnr" };
        var psnr = _context.Transforms.LiteVaeReconstruct("Picture", "Path", options).Fit(rows).Transform(rows).GetColumn<float>("Psnr").ToArray();

        var paths = rows.GetColumn<string>("Path").ToArray();
        for (var i = 0; i < paths.Length; i++)
        {
            var photo = BicubicResizer.Fit(ImageDecoder.Decode(paths[i]), Side, Side, ResizePolicy.CenterCrop);
            var blocks = Psnr.Compute(photo, BlockMeans(photo));
            Assert.True(psnr[i] > blocks, $"{paths[i]}: {psnr[i]:F2} dB, its block means {blocks:F2} dB");
        }
    }

    private IDataView Rows() => _context.Data.LoadFromEnumerable(Directory.GetFiles(Photos, "*.jpg").Order().Select(path => new { Path = path }));

    private float[][] Encode(int batch, int threads, string[]? paths = null)
    {
        var rows = paths is null ? Rows() : _context.Data.LoadFromEnumerable(paths.Select(path => new { Path = path }));
        var options = new LiteVaeEncodeOptions { Width = Side, Height = Side, BatchSize = batch, Threads = threads };
        using var encoder = _context.Transforms.LiteVaeEncode("Latent", "Path", options).Fit(rows);
        return Pipeline.Latents(encoder.Transform(rows));
    }

    private static RgbImage BlockMeans(RgbImage image)
    {
        var pixels = new byte[image.Pixels.Length];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (x, y, c) = (i / 3 % image.Width, i / 3 / image.Width, i % 3);
            var sum = 0;
            for (var j = 0; j < 64; j++)
            {
                sum += image.Pixels[(((((y / 8 * 8) + (j / 8)) * image.Width) + (x / 8 * 8) + (j % 8)) * 3) + c];
            }

            pixels[i] = (byte)Math.Round(sum / 64.0);
        }

        return new RgbImage(image.Width, image.Height, pixels);
    }
}
