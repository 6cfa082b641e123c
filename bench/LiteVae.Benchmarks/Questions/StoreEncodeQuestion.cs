namespace LiteVae.Benchmarks.Questions;

/// <summary>How much of the encoder's own speed does encoding into a store keep?</summary>
internal static class StoreEncodeQuestion
{
    public static void Answer(Settings settings, Report report)
    {
        using var model = LiteVaeModel.Load(settings.Model, new LiteVaeModelOptions { Threads = settings.Threads });
        using var small = new SamplePhotos(Settings.Side, Settings.Side);
        using var large = new SamplePhotos(1024, 768);
        using var direct = new DirectEncoder(settings.Encoder, settings.Threads);
        var batches = DirectEncoder.Batch.Load(small.Cycle(settings.Images), settings.Batch, model.Config);
        var root = Directory.CreateTempSubdirectory("litevae-bench-").FullName;
        try
        {
            var store = 0;
            List<string[]> rows = [Row("JPEG files of 256 x 256", small), Row("JPEG files of 1024 x 768", large)];
            report.Section(
                "A store of latents against ONNX Runtime alone",
                $"`EncodeJob` from JPEG files to a complete store of fp16 moments at {Settings.Side} x {Settings.Side}, files synced to disk, and the same session options and batches on tensors that lie ready; the goal is 0.95 where the cores suffice.");
            report.Table(["input", ">store, ms an image", ">ONNX Runtime, ms an image", ">ratio", ">middle half"], rows);

            string[] Row(string input, SamplePhotos photos)
            {
                // a list that names every file many times over: as many sources as images
                var list = Path.Combine(root, $"{input.Replace(' ', '-')}.csv");
                File.WriteAllLines(list, ["path,key", .. photos.Cycle(settings.Images).Select((path, i) => $"{path},{i:D6}")]);
                var timing = PairedTiming.Measure(() => Encode(list), () => Array.ForEach(batches, direct.Run), settings.Rounds);
                return [input, .. Cells.Of(timing, settings.Images)];
            }

            void Encode(string list)
            {
                var options = new EncodeJobOptions { Inputs = [list], Store = Path.Combine(root, $"store-{store++}"), BatchSize = settings.Batch };
                var result = new EncodeJob(model, options).Run();
                if (result.Encoded != settings.Images)
                {
                    throw new InvalidDataException($"{result.Encoded} of {settings.Images} images were encoded.");
                }
            }
        }
        finally
        {
            Directory.Delete(root, recursive: true);
            Array.ForEach(batches, batch => batch.Dispose());
        }
    }
}
