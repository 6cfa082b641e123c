using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace LiteVae.Benchmarks.Questions;

/// <summary>How much of ONNX Runtime's own speed does the pipeline keep?</summary>
internal static class EncodeQuestion
{
    public static void Answer(Settings settings, Report report)
    {
        using var model = LiteVaeModel.Load(settings.Model);
        using var photos = new SamplePhotos(Settings.Side, Settings.Side);
        using var large = new SamplePhotos(1024, 768);
        using var direct = new DirectEncoder(settings.Encoder, settings.Threads);
        var batches = DirectEncoder.Batch.Load(photos.Cycle(settings.Images), settings.Batch, model.Config);
        var images = photos.Images();
        var ml = new MLContext(seed: 0);
        List<string[]> rows = [];

        Time("images in memory", ml.Data.LoadFromEnumerable(Enumerable.Range(0, settings.Images).Select(i => new ImageRow { Image = images[i % images.Length] })), isSame: true);
        Time("JPEG files of 256 x 256", Files(photos), isSame: true);
        Time("JPEG files of 1024 x 768", Files(large), isSame: false);

        report.Section(
            "LiteVaeEncode against ONNX Runtime alone",
            $"Rows through `LiteVaeEncode` at {Settings.Side} x {Settings.Side}, and the same session options and batches on tensors that lie ready. What the model computes is the same, so the ratio is what the pipeline leaves of its speed; the goal for images in memory is 0.95.");
        report.Table(["input", ">pipeline, ms an image", ">ONNX Runtime, ms an image", ">ratio", ">middle half"], rows);
        Array.ForEach(images, image => image.Dispose());
        Array.ForEach(batches, batch => batch.Dispose());

        IDataView Files(SamplePhotos files) => ml.Data.LoadFromEnumerable(files.Cycle(settings.Images).Select(path => new { Image = path }));

        void Time(string input, IDataView view, bool isSame)
        {
            using var encoder = ml.Transforms.LiteVaeEncode("Moments", "Image", settings.EncodeOptions()).Fit(view);
            var encoded = encoder.Transform(view);
            RunDirect();
            if (isSame)
            {
                Vectors.RequireEqual(Vectors.All(encoded, "Moments"), [.. batches.SelectMany(batch => batch.Moments)]);
            }

            var timing = PairedTiming.Measure(() => Vectors.Read(encoded, "Moments", settings.Images), RunDirect, settings.Rounds);
            rows.Add([input, .. Cells.Of(timing, settings.Images)]);
        }

        void RunDirect() => Array.ForEach(batches, direct.Run);
    }

    private sealed class ImageRow
    {
        [ImageType(Settings.Side, Settings.Side)]
        public MLImage Image { get; set; } = null!;
    }
}
