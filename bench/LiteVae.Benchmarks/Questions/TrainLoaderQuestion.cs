using LiteVae.Training;

namespace LiteVae.Benchmarks.Questions;

/// <summary>What does the loading of images cost a training, and how fast a trainer could it feed?</summary>
internal static class TrainLoaderQuestion
{
    private const int Batch = 8;
    private const int Alone = 256; // images a round, of the loader alone

    public static void Answer(Settings settings, Report report)
    {
        var images = new ImageFolder(settings.Data);
        Share(settings, report, images);
        Speed(settings, report, images);
    }

    /// <summary>Steps that wait for their batches, against the same on one batch that lies ready.</summary>
    private static void Share(Settings settings, Report report, ImageFolder images)
    {
        var threads = settings.TrainingThreads;
        var options = TrainingRig.Options(resolution: 128, Batch);
        using var rig = new TrainingRig(options, threads);
        var loader = Loader(images, options.Stages[0]);
        var ready = loader.Next();
        TimeSpan? before = null; // what it had waited when the timing began
        var timing = PairedTiming.Measure(() => Run(loaded: true), () => Run(loaded: false), settings.Rounds);
        var waited = loader.Waited - before!.Value;

        report.Section(
            "The loader's share of a training step",
            $"S with the compact decoder, 128 x 128, batches of {Batch}, {threads} threads, {images.Count} photos: rounds of {settings.Steps} steps with batches from the loader, which decodes ahead on the same cores, and of as many on one that lies ready. "
            + "The ratio is what the loading leaves of the speed; the wait is the loader's own count, as a share of its rounds.");
        report.Table(
            [">loaded, ms an image", ">ready, ms an image", ">ratio", ">middle half", ">wait, %"],
            [[.. Cells.Of(timing, settings.Steps * Batch), Cells.Number(100 * waited.TotalSeconds / timing.First.Sum(), 2)]]);

        void Run(bool loaded)
        {
            for (var i = 0; i < settings.Steps; i++)
            {
                rig.Step(loaded ? loader.Next() : ready);
            }

            before ??= loader.Waited; // after the round that warms up
        }
    }

    private static void Speed(Settings settings, Report report, ImageFolder images)
    {
        report.Section(
            "The loader alone",
            $"Batches of {Batch} crops from {images.Count} photos, {Alone} images a round, on {Environment.ProcessorCount} cores that do nothing else: what it can feed a GPU with. "
            + "Plain crops are cut out as they are, resized ones from a square of half to all of the photo.");
        report.Table(
            [">crop", ">plain, images/s", ">resized, images/s", ">plain over resized", ">middle half"],
            new[] { 128, 256 }.Select(side =>
            {
                var timing = PairedTiming.Measure(() => Load(side, CropKind.Plain), () => Load(side, CropKind.Resized), settings.Rounds);
                return (string[])[$"{side}", Rate(timing.First), Rate(timing.Second), .. Cells.Of(timing, Alone)[2..]];
            }));

        void Load(int side, CropKind crop)
        {
            var loader = Loader(images, new TrainingStage { Resolution = side, BatchSize = Batch, Crop = crop, Steps = Alone / Batch });
            for (var i = 0; i < Alone / Batch; i++)
            {
                loader.Next();
            }
        }

        static string Rate(double[] seconds) => Cells.Number(Alone / PairedTiming.Median(seconds), 0);
    }

    private static BatchLoader Loader(ImageFolder images, TrainingStage stage) =>
        new(new CropSampler(images, seed: 0), PlannedStep.Plan(new LiteVaeTrainerOptions { Stages = [stage] }));
}
