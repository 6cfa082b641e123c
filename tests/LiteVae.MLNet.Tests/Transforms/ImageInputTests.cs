using LiteVae.Tests.Images;
using LiteVae.Tests.Shared;
using Microsoft.ML;
using Microsoft.ML.Data;
using SkiaSharp;

namespace LiteVae.Tests.Transforms;

/// <summary>What becomes of images on their way into the model, read from the latents of a model that hands them out as they are.</summary>
public sealed class ImageInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _context = new(seed: 0);
    private readonly string _model;

    public ImageInputTests() => _model = TinyModels.WriteIdentity(_folder.At("model"));

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, int, int> GoldenResizes()
    {
        var data = new TheoryData<string, int, int>();
        foreach (var source in new[] { "src0", "src1" })
        {
            foreach (var (width, height) in new[] { (128, 96), (64, 64), (33, 47), (256, 256), (480, 360) })
            {
                data.Add(source, width, height);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(GoldenResizes))]
    public void A_stretched_image_is_within_one_level_of_Pillow(string source, int width, int height)
    {
        var path = SharedData.PathOrSkip($"fixtures/resize/{source}.png");
        var expected = ImageDecoder.Decode(SharedData.PathOrSkip($"fixtures/resize/{source}_bicubic_{width}x{height}.png"));
        var options = new LiteVaeEncodeOptions { Width = width, Height = height, Resize = ResizePolicy.Stretch };
        foreach (var seen in AllWays(File.ReadAllBytes(path), options))
        {
            Assert.True(Pictures.LargestDifference(expected, seen) <= 1);
        }
    }

    [Theory]
    [InlineData(64, 64)]
    [InlineData(33, 47)]
    public void Centre_crop_and_padding_are_the_stretched_image_cut_and_bordered(int width, int height)
    {
        // 40 x 30, whose short side is scaled to the covering size, or the long one to the fitting size; a side is rounded down.
        var file = Pictures.Encode(Pictures.Gradient(40, 30), SKEncodedImageFormat.Png);
        var (coverWidth, coverHeight) = 40 * height >= 30 * width ? (40 * height / 30, height) : (width, 30 * width / 40);
        var (fitWidth, fitHeight) = 40 * height >= 30 * width ? (width, 30 * width / 40) : (40 * height / 30, height);
        var cover = Seen(file, new LiteVaeEncodeOptions { Width = coverWidth, Height = coverHeight, Resize = ResizePolicy.Stretch });
        var fit = Seen(file, new LiteVaeEncodeOptions { Width = fitWidth, Height = fitHeight, Resize = ResizePolicy.Stretch });

        var (left, top) = ((coverWidth - width) / 2, (coverHeight - height) / 2);
        var cropped = Pictures.FromPixels(width, height, (x, y) => Pictures.At(cover, x + left, y + top));
        Assert.Equal(cropped.Pixels, Seen(file, new LiteVaeEncodeOptions { Width = width, Height = height }).Pixels);

        var (border, ceiling) = ((width - fitWidth) / 2, (height - fitHeight) / 2);
        var padded = Pictures.FromPixels(width, height, (x, y) =>
            x >= border && x < border + fitWidth && y >= ceiling && y < ceiling + fitHeight ? Pictures.At(fit, x - border, y - ceiling) : default);
        Assert.Equal(padded.Pixels, Seen(file, new LiteVaeEncodeOptions { Width = width, Height = height, Resize = ResizePolicy.Pad }).Pixels);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Paths_and_bytes_are_turned_as_EXIF_says(int orientation)
    {
        var stored = Pictures.Noise(5, 3);
        var file = ExifFiles.InPng(Pictures.Encode(stored, SKEncodedImageFormat.Png), orientation);

        // where a pixel of the upright picture lies in the stored one, by the tag's definition: which stored side is up, which is left
        var upright = orientation >= 5
            ? Pictures.FromPixels(3, 5, (x, y) => Pictures.At(stored, orientation is 5 or 6 ? y : 4 - y, orientation is 5 or 8 ? x : 2 - x))
            : Pictures.FromPixels(5, 3, (x, y) => Pictures.At(stored, orientation is 1 or 4 ? x : 4 - x, orientation is 1 or 2 ? y : 2 - y));
        Assert.All(FileWays(file, new LiteVaeEncodeOptions()), seen => Assert.Equal(upright.Pixels, seen.Pixels));
    }

    [Fact]
    public void Grey_files_and_both_pixel_orders_come_out_as_RGB()
    {
        using var grey = new SKBitmap(new SKImageInfo(8, 4, SKColorType.Gray8, SKAlphaType.Opaque));
        grey.Erase(new SKColor(90, 90, 90));
        Assert.All(FileWays(Pictures.Encode(grey, SKEncodedImageFormat.Png), new LiteVaeEncodeOptions()), seen => Assert.All(seen.Pixels, level => Assert.Equal(90, level)));

        var picture = Pictures.Noise(6, 4);
        foreach (var (format, order) in new[] { (MLPixelFormat.Rgba32, new[] { 0, 1, 2 }), (MLPixelFormat.Bgra32, [2, 1, 0]) })
        {
            byte[] pixels = [.. picture.Pixels.Chunk(3).SelectMany(pixel => order.Select(channel => pixel[channel]).Append((byte)255))];
            using var image = MLImage.CreateFromPixels(6, 4, format, pixels);
            Assert.Equal(picture.Pixels, Seen(image, new LiteVaeEncodeOptions()).Pixels);
        }
    }

    [Fact]
    public void Transparency_shows_white()
    {
        // (200, 100, 50) at alpha 128 over white: 255 - (255 - c) * 128 / 255 = 227.4, 177.2, 152.1; MLImage stores it premultiplied, which costs up to a level more.
        using var bitmap = new SKBitmap(new SKImageInfo(4, 4, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        bitmap.Erase(new SKColor(200, 100, 50, 128));
        foreach (var seen in AllWays(Pictures.Encode(bitmap, SKEncodedImageFormat.Png), new LiteVaeEncodeOptions()))
        {
            Assert.True(Pictures.LargestDifference(Pictures.FromPixels(4, 4, (_, _) => (227, 177, 152)), seen) <= 1);
        }
    }

    [Fact]
    public void At_native_size_the_image_enters_as_it_is()
    {
        var picture = Pictures.Noise(37, 23);
        Assert.All(AllWays(Pictures.Encode(picture, SKEncodedImageFormat.Png), new LiteVaeEncodeOptions()), seen => Assert.Equal(picture.Pixels, seen.Pixels));
    }

    [Fact]
    public void A_perfect_reconstruction_has_infinite_PSNR_and_an_SSIM_of_one()
    {
        var picture = Pictures.Noise(37, 23);
        File.WriteAllBytes(_folder.At("picture.png"), Pictures.Encode(picture, SKEncodedImageFormat.Png));
        var rows = _context.Data.LoadFromEnumerable([new { Path = _folder.At("picture.png") }]);
        var options = new LiteVaeReconstructOptions { Model = _model, PsnrColumn = "Psnr", SsimColumn = "Ssim" };
        using var reconstruct = _context.Transforms.LiteVaeReconstruct("Picture", "Path", options).Fit(rows);
        var view = reconstruct.Transform(rows);

        Assert.Equal(float.PositiveInfinity, view.GetColumn<float>("Psnr").Single());
        Assert.Equal(1, view.GetColumn<float>("Ssim").Single(), 1e-6f);
        using var image = view.GetColumn<MLImage>("Picture").Single();
        Assert.Equal(picture.Pixels, image.Pixels.ToArray().Chunk(4).SelectMany(pixel => new[] { pixel[2], pixel[1], pixel[0] }));
    }

    /// <summary>The image as the model sees it: from a path, from bytes, and from the MLImage that ML.NET makes of the file.</summary>
    private List<RgbImage> AllWays(byte[] file, LiteVaeEncodeOptions options)
    {
        using var image = MLImage.CreateFromStream(new MemoryStream(file));
        return [.. FileWays(file, options), Seen(image, options)];
    }

    private List<RgbImage> FileWays(byte[] file, LiteVaeEncodeOptions options)
    {
        var path = _folder.At("file");
        File.WriteAllBytes(path, file);
        return [Seen(file, options), See(_context.Data.LoadFromEnumerable([new { Input = path }]), options)];
    }

    private RgbImage Seen(byte[] file, LiteVaeEncodeOptions options) => See(_context.Data.LoadFromEnumerable([new BytesRow { Input = file }]), options);

    private RgbImage Seen(MLImage image, LiteVaeEncodeOptions options)
    {
        var definition = SchemaDefinition.Create(typeof(ImageRow));
        return See(_context.Data.LoadFromEnumerable([new ImageRow { Input = image }], definition), options);
    }

    private RgbImage See(IDataView rows, LiteVaeEncodeOptions options)
    {
        // The reconstruction's size tells the size at which the image entered.
        using var encoder = _context.Transforms.LiteVaeEncode("Latent", "Input", options with { Model = _model }).Fit(rows);
        var reconstruct = new LiteVaeReconstructOptions { Model = _model, Width = options.Width, Height = options.Height, Resize = options.Resize };
        using var reconstruction = _context.Transforms.LiteVaeReconstruct("Picture", "Input", reconstruct).Fit(rows);
        var latent = encoder.Transform(rows).GetColumn<float[]>("Latent").Single();
        using var picture = reconstruction.Transform(rows).GetColumn<MLImage>("Picture").Single();
        var plane = picture.Width * picture.Height;
        Assert.Equal(3 * plane, latent.Length);
        return Pictures.FromPixels(picture.Width, picture.Height, (x, y) =>
            (Level(latent[(y * picture.Width) + x]), Level(latent[plane + (y * picture.Width) + x]), Level(latent[(2 * plane) + (y * picture.Width) + x])));

        static byte Level(float value) => (byte)MathF.Round((value + 1) * 127.5f);
    }

    private sealed class BytesRow
    {
        [VectorType]
        public byte[] Input { get; set; } = [];
    }

    private sealed class ImageRow
    {
        [Microsoft.ML.Transforms.Image.ImageType(1, 1)]
        public MLImage? Input { get; set; }
    }
}
