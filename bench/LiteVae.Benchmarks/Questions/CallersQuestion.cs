namespace LiteVae.Benchmarks.Questions;

/// <summary>What uses two cores better: two threads inside the operators, or two callers of one session with one thread each?</summary>
internal static class CallersQuestion
{
    public static void Answer(Settings settings, Report report)
    {
        using var model = LiteVaeModel.Load(settings.Model);
        using var photos = new SamplePhotos(Settings.Side, Settings.Side);
        using var wide = new DirectEncoder(settings.Encoder, threads: 2);
        using var narrow = new DirectEncoder(settings.Encoder, threads: 1);
        List<string[]> rows = [];
        foreach (var size in new[] { 1, 2, settings.Batch }.Distinct().Order())
        {
            // Two callers share each batch, where there is something to share.
            var wholes = DirectEncoder.Batch.Load(photos.Cycle(settings.Images), size, model.Config);
            var halves = DirectEncoder.Batch.Load(photos.Cycle(settings.Images), Math.Max(1, size / 2), model.Config);
            Array.ForEach(wholes, wide.Run);
            Callers(halves);
            Vectors.RequireEqual([.. wholes.SelectMany(batch => batch.Moments)], [.. halves.SelectMany(batch => batch.Moments)]);
            var timing = PairedTiming.Measure(() => Callers(halves), () => Array.ForEach(wholes, wide.Run), settings.Rounds);
            rows.Add([$"{size}", $"{Math.Max(1, size / 2)}", .. Cells.Of(timing, settings.Images)]);
            Array.ForEach([.. wholes, .. halves], batch => batch.Dispose());
        }

        report.Section("Two callers against two threads", "ONNX Runtime alone: one session with one thread and two callers at a time, against one with two threads and one caller.");
        report.Table([">batch, two threads", ">batch of each caller", ">two callers, ms an image", ">two threads, ms an image", ">ratio", ">middle half"], rows);

        void Callers(DirectEncoder.Batch[] batches) => Parallel.ForEach(batches, new ParallelOptions { MaxDegreeOfParallelism = 2 }, narrow.Run);
    }
}
