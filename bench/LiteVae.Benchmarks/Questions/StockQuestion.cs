using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Onnx;

namespace LiteVae.Benchmarks.Questions;

/// <summary>How does the pipeline compare with what ML.NET has for the same model?</summary>
internal static class StockQuestion
{
    private const string StockOutput = "latent_parameters";

    public static void Answer(Settings settings, Report report)
    {
        using var photos = new SamplePhotos(Settings.Side, Settings.Side);
        using var large = new SamplePhotos(1024, 768);
        List<string[]> rows = [];
        Time("JPEG files of 256 x 256", photos, isSame: true);
        Time("JPEG files of 1024 x 768", large, isSame: false);

        report.Section(
            "LiteVaeEncode against LoadImages, ResizeImages, ExtractPixels, ApplyOnnxModel",
            "The same model and files. The stock chain runs the model on one image at a time. "
            + "Large files are resized by each side in its own way, so only the small ones give the same moments.");
        report.Table(["input", ">LiteVaeEncode, ms an image", ">stock, ms an image", ">ratio", ">middle half"], rows);

        void Time(string input, SamplePhotos files, bool isSame)
        {
            var ml = new MLContext(seed: 0);
            var view = ml.Data.LoadFromEnumerable(files.Cycle(settings.Images).Select(path => new { Path = path }));
            using var ours = ml.Transforms.LiteVaeEncode("Moments", "Path", settings.EncodeOptions()).Fit(view);
            using var stock = Stock(ml, settings).Fit(view);
            var (encoded, stockEncoded) = (ours.Transform(view), stock.Transform(view));
            if (isSame)
            {
                Vectors.RequireEqual(Vectors.All(encoded, "Moments"), Vectors.All(stockEncoded, StockOutput));
            }

            var timing = PairedTiming.Measure(
                () => Vectors.Read(encoded, "Moments", settings.Images), () => Vectors.Read(stockEncoded, StockOutput, settings.Images), settings.Rounds);
            rows.Add([input, .. Cells.Of(timing, settings.Images)]);
        }
    }

    private static EstimatorChain<OnnxTransformer> Stock(MLContext ml, Settings settings)
    {
        using var model = LiteVaeModel.Load(settings.Model);
        var (channels, side) = (2 * model.Config.LatentChannels, Settings.Side / model.Config.DownsamplingFactor);
        return ml.Transforms.LoadImages("Image", "", "Path")
            .Append(ml.Transforms.ResizeImages("Image", Settings.Side, Settings.Side))
            .Append(ml.Transforms.ExtractPixels("sample", "Image", offsetImage: 127.5f, scaleImage: 1 / 127.5f))
            .Append(ml.Transforms.ApplyOnnxModel(new OnnxOptions
            {
                ModelFile = settings.Encoder,
                InputColumns = ["sample"],
                OutputColumns = [StockOutput],
                ShapeDictionary = new Dictionary<string, int[]> { ["sample"] = [1, 3, Settings.Side, Settings.Side], [StockOutput] = [1, channels, side, side] },
                IntraOpNumThreads = settings.Threads,
            }));
    }
}
