using System.IO.Compression;
using System.Text;
using LiteVae.Tests.Shared;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Onnx;

namespace LiteVae.Tests.Transforms;

/// <summary>The model that ships, in ML.NET's own ApplyOnnxModel: what an app without this library can do with an exported model.</summary>
public sealed class StockInteropTests : IDisposable
{
    private const int Side = 256;

    // Both sides run the same graph in the same runtime; they differ in how a level becomes a number, v / 127.5 - 1 here and (v - 127.5) * (1 / 127.5) there,
    // which is 1e-7 in the input. Moments reach 17, where neighbouring floats are 2e-6 apart: 1e-4 is fifty of these steps. Swapped colours change moments by 3.
    private const float Tolerance = 1e-4f;

    // Colourful ones, in whose latents a swap of two colours shows.
    private static readonly string[] Names = ["astronaut", "chelsea", "coffee"];

    private static readonly string Model = Path.Combine(SharedData.Repository, "models", "litevae-s-f8c12");

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _context = new(seed: 0);

    public StockInteropTests()
    {
        // Of the size wanted, so that it does not matter who resizes how; PNG, so that it does not matter who decodes.
        Directory.CreateDirectory(_folder.At("photos"));
        foreach (var name in Names)
        {
            var photo = ImageDecoder.Decode(Path.Combine(SharedData.Repository, "samples", "photos", $"{name}.jpg"));
            using var image = MLImages.FromRgb(BicubicResizer.Fit(photo, Side, Side, ResizePolicy.CenterCrop));
            image.Save(_folder.At($"photos/{name}.png"));
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_encoder_gives_the_moments_of_LiteVaeEncode()
    {
        using var encoder = StockEncoder(_context, Rows());
        AssertClose(Encode(LatentOutput.Moments), StockMoments(encoder));
    }

    [Fact]
    public void A_saved_encoder_needs_no_type_of_this_library()
    {
        var zip = _folder.At("encoder.zip");
        using var encoder = StockEncoder(_context, Rows());
        _context.Model.Save(encoder, Rows().Schema, zip);

        using var loaded = (TransformerChain<ITransformer>)new MLContext(seed: 0).Model.Load(zip, out _);
        AssertClose(StockMoments(encoder), StockMoments(loaded));
        Assert.Equal(4, loaded.Count());
        Assert.All(loaded, part => Assert.StartsWith("Microsoft.ML", part.GetType().Assembly.GetName().Name, StringComparison.Ordinal));

        // What a loader would look for is named in the entries; the graph, which is one of them, may say who made it.
        using var archive = ZipFile.OpenRead(zip);
        var described = archive.Entries.Where(entry => entry.Length < 1 << 16).ToList();
        Assert.True(described.Count >= 4);
        Assert.All(described, entry => Assert.DoesNotContain("LiteVae", Text(entry), StringComparison.Ordinal));
    }

    [Fact]
    public void The_decoder_gives_the_pictures_of_LiteVaeDecode()
    {
        var latents = Encode(LatentOutput.Mean);
        var rows = _context.Data.LoadFromEnumerable(latents.Select(latent => new LatentInput { latent_sample = latent }));
        using var stock = StockDecoder(_context, rows);
        using var ours = _context.Transforms.LiteVaeDecode("Picture", "latent_sample").Fit(rows);

        var values = stock.Transform(rows).GetColumn<float[]>("sample").ToArray();
        var pictures = ours.Transform(rows).GetColumn<MLImage>("Picture").ToArray();
        Assert.Equal(Names.Length, pictures.Length);
        for (var i = 0; i < pictures.Length; i++)
        {
            using var picture = pictures[i];
            Assert.Equal(3 * Side * Side, values[i].Length);

            // Eight bits hold a value to half a level, and what lies outside -1 to 1 as the nearest end.
            var largest = MLImages.ToRgb(picture).Pixels
                .Select((pixel, j) => Math.Abs(((Math.Clamp(values[i][(j % 3 * Side * Side) + (j / 3)], -1, 1) + 1) * 127.5f) - pixel)).Max();
            Assert.True(largest < 0.5f + (Tolerance * 127.5f), $"picture {i}: levels differ by {largest}");
        }
    }

    private TransformerChain<OnnxTransformer> StockEncoder(MLContext ml, IDataView rows)
    {
        var (photos, model) = (_folder.At("photos"), Model);

        // README:begin stock-encoder
        var shapes = new Dictionary<string, int[]> { ["sample"] = [1, 3, 256, 256], ["latent_parameters"] = [1, 24, 32, 32] };
        var pipeline = ml.Transforms.LoadImages("Image", photos, "Name")
            .Append(ml.Transforms.ResizeImages("Image", imageWidth: 256, imageHeight: 256))
            .Append(ml.Transforms.ExtractPixels("sample", "Image", offsetImage: 127.5f, scaleImage: 1 / 127.5f))
            .Append(ml.Transforms.ApplyOnnxModel("latent_parameters", "sample", Path.Combine(model, "vae_encoder", "model.onnx"), shapes));
        // README:end

        return pipeline.Fit(rows);
    }

    private static OnnxTransformer StockDecoder(MLContext ml, IDataView latents)
    {
        var model = Model;

        // README:begin stock-decoder
        var shapes = new Dictionary<string, int[]> { ["latent_sample"] = [1, 12, 32, 32], ["sample"] = [1, 3, 256, 256] };
        var decoder = ml.Transforms.ApplyOnnxModel("sample", "latent_sample", Path.Combine(model, "vae_decoder", "model.onnx"), shapes);
        // README:end

        return decoder.Fit(latents);
    }

    private IDataView Rows() => _context.Data.LoadFromEnumerable(
        Directory.GetFiles(_folder.At("photos")).Order().Select(path => new PhotoRow { Name = Path.GetFileName(path), Path = path }));

    private float[][] Encode(LatentOutput output)
    {
        var rows = Rows();
        var options = new LiteVaeEncodeOptions { Width = Side, Height = Side, Output = output };
        using var encoder = _context.Transforms.LiteVaeEncode("Latent", "Path", options).Fit(rows);
        return Pipeline.Latents(encoder.Transform(rows));
    }

    private float[][] StockMoments(ITransformer encoder) => [.. encoder.Transform(Rows()).GetColumn<float[]>("latent_parameters")];

    private static void AssertClose(float[][] expected, float[][] actual)
    {
        Assert.Equal(Names.Length, expected.Length);
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(24 * Side / 8 * Side / 8, expected[i].Length);
            Assert.Equal(expected[i].Length, actual[i].Length);
            var largest = expected[i].Zip(actual[i], (a, b) => Math.Abs(a - b)).Max();
            Assert.True(largest < Tolerance, $"photo {i}: moments differ by {largest}");
        }
    }

    private static string Text(ZipArchiveEntry entry)
    {
        using var reader = new StreamReader(entry.Open(), Encoding.Latin1);
        return reader.ReadToEnd();
    }

    private sealed class PhotoRow
    {
        public string Name { get; set; } = "";

        public string Path { get; set; } = "";
    }

    private sealed class LatentInput
    {
        [VectorType(12, Side / 8, Side / 8)]
        public float[] latent_sample { get; set; } = [];
    }
}
