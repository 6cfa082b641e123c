using System.Diagnostics;

namespace LiteVae.Benchmarks.Questions;

/// <summary>What does a store of a hundred million images take that a thousand tasks make?</summary>
internal static class StoreScaleQuestion
{
    private const long Images = 100_000_000;
    private const int Tasks = 1000;
    private const int ShardSize = 4096;
    private const int Side = 256;
    private const int Parts = (int)((Images + ShardSize - 1) / ShardSize);

    private const int Planned = 1_000_000; // for real; a hundredth
    private const int Longer = 4_000_000; // for the peak of memory
    private const int Opened = 2000; // parts for real
    private const int FailedOf100 = 1;
    private const int FailedOfPart = ShardSize * FailedOf100 / 100;

    public static void Answer(Settings settings, Report report)
    {
        using var model = LiteVaeModel.Load(settings.Model);
        var root = Directory.CreateTempSubdirectory("litevae-bench-").FullName;
        try
        {
            Sizes(Path.Combine(root, "sizes"), model, report);
            Planning(root, model, report);
            Opening(root, model, report);
            Verifying(Path.Combine(root, "sizes"), report);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>Two parts at their real size, one of them with failures; the plan with all of its parts.</summary>
    private static void Sizes(string folder, LiteVaeModel model, Report report)
    {
        var store = SyntheticStore.Plan(folder, 2 * ShardSize, model, Side, ShardSize);
        store.Write(0);
        store.Write(1, index => index % 100 < FailedOf100);
        StoreCompletion.Write(new StorePaths(folder), StorePlan.Read(new StorePaths(folder).Plan).Plan, Sha256Text.Of(File.ReadAllBytes(new StorePaths(folder).Plan)));

        var paths = new StorePaths(folder);
        var plan = StorePlan.Read(paths.Plan).Plan;
        var line = (double)plan.PartOffsets[^1] / plan.Sources;
        var whole = StoreJson.File(plan with { Sources = Images, Parts = Parts, PartOffsets = [.. Enumerable.Range(0, Parts + 1).Select(part => (long)(line * Math.Min(Images, (long)part * ShardSize)))] });
        var (tensors, table) = (Length(paths.Shard("00000.safetensors")), Length(paths.Shard("00000.parquet")));
        var (manifest, failing) = (Length(paths.Manifest(0)), Length(paths.Manifest(1)));

        report.Section(
            "A store of 100,000,000 images: files",
            $"{Side} x {Side}, f16 moments, parts of {ShardSize}, {Tasks} tasks; paths of {SyntheticStore.Source(0).Path.Length} characters, keys of {SyntheticStore.Source(0).Key.Length}. "
            + $"One part was written in full, and one with {FailedOf100}% failures; the plan was written with all of its parts. The rest is the measured size times how many there are.");
        report.Table(
            ["", ">one", ">how many", ">all, MB"],
            [
                ["parts; of each task at most", $"{(Parts + Tasks - 1) / Tasks}", $"{Parts}", ""],
                ["files: three a part, plan, list, summary, failures, lock", "", $"{(3 * Parts) + 5}", ""],
                Row("safetensors, bytes", tensors, Parts),
                Row("parquet, bytes", table, Parts),
                Row("manifests without failures, bytes", manifest, Parts),
                Row($"manifests with {FailedOf100}% failures, bytes", failing, Parts),
                Row("`plan.json`, bytes", whole.Length, 1),
                Row("`sources-HASH.jsonl`, bytes a source", line, Images),
                Row($"`failures.parquet` with {FailedOf100}% failures, bytes a failure", (double)Length(paths.Failures) / FailedOfPart, Images * FailedOf100 / 100),
                Row("`dataset.json`, bytes", Length(paths.Dataset), 1),
            ]);

        static string[] Row(string what, double one, long count) => [what, Cells.Number(one, 0), $"{count}", Cells.Megabytes(one * count, 2)];
    }

    private static void Planning(string root, LiteVaeModel model, Report report)
    {
        var list = Path.Combine(root, "planned.csv");
        var whole = Seconds(() => SyntheticStore.Plan(Path.Combine(root, "planned"), Planned, model, Side, ShardSize)) - Seconds(() => SyntheticStore.List(list, Planned));
        List<SourceRecord> sources = [.. Enumerable.Range(0, Planned).Select(i => SyntheticStore.Source(i * 611_953L % Planned))];
        var sort = Seconds(() => Sort(SourceSorter.DefaultMemory));
        var merging = Seconds(() => Sort(SourceSorter.DefaultMemory / (Images / Planned)));
        sources.Clear();

        var longer = Path.Combine(root, "longer.csv");
        SyntheticStore.List(longer, Longer);
        var (few, many) = (PlanOnly(list), PlanOnly(longer));
        var times = (double)Images / Planned;
        report.Section(
            "A store of 100,000,000 images: planning",
            $"{Planned} sources in a table of paths, in no order. The whole planning reads the table, sorts, and writes list and plan. Sorted with a hundredth of the memory, a hundredth of the sources is merged as often as all of them are with all of it. "
            + $"Scaled to {Images} by n log n ({Cells.Number(Math.Log(Images) / Math.Log(Planned), 2)} times {times:0}), the last by n. The peaks are those of `litevae encode LIST --plan-only`, which sorts more than {SourceSorter.DefaultMemory >> 20} MB of sources on the disk.");
        report.Table(
            ["", $">{Planned} sources", $">{Images} sources"],
            [
                ["planning, s", Cells.Number(whole, 1), Cells.Number(whole * times * Math.Log(Images) / Math.Log(Planned), 0)],
                ["of it, sorting, s", Cells.Number(sort, 1), Cells.Number(sort * times * Math.Log(Images) / Math.Log(Planned), 0)],
                ["sorting with a hundredth of the memory, s", Cells.Number(merging, 1), Cells.Number(merging * times, 0)],
                ["peak memory, MB", Cells.Megabytes(few.Peak), $"of {Longer}: {Cells.Megabytes(many.Peak)}"],
            ]);

        void Sort(long memory)
        {
            using var sorter = new SourceSorter(root, memory);
            sources.ForEach(source => sorter.Add(new PlannedSource(source)));
            foreach (var _ in sorter.Sorted())
            {
            }
        }

        CommandRun PlanOnly(string table) => CommandRun.Of("encode", table, "--out", $"{table}-store", "--model", model.Folder, "--plan-only");
    }

    private static void Opening(string root, LiteVaeModel model, Report report)
    {
        // parts of few sources: a manifest says of a part how many rows it has, and each failure
        string[][] rows = [Row("no failures", 4, 0), Row($"{FailedOf100}% failures", FailedOfPart + 4, FailedOfPart)];
        report.Section(
            "A store of 100,000,000 images: opening",
            $"{Opened} parts, their manifests as long as those of parts of {ShardSize}, in the page cache; scaled by the number of parts. Completing is what the last task does at its end; every task looks once at the beginning and once at the end which parts are complete.");
        report.Table(["", ">MB of manifests", ">`LatentStore.Open`, s", ">all parts, s", ">kept in memory, MB", ">all parts, MB", ">completing, s", ">all parts, s", ">which are complete, s", ">all parts, s"], rows);

        string[] Row(string what, int shardSize, int failed)
        {
            var folder = Path.Combine(root, $"opened-{failed}");
            SyntheticStore.Plan(folder, Opened * shardSize, model, Side, shardSize).Fill(index => index < failed);
            var paths = new StorePaths(folder);
            var (plan, sha256) = StorePlan.Read(paths.Plan);
            var completing = Seconds(() => StoreCompletion.Write(paths, plan, sha256));
            var looking = Seconds(() => StoreCompletion.CompleteParts(paths, plan));
            LatentStore.Open(folder).Dispose();
            var before = GC.GetTotalMemory(forceFullCollection: true);
            LatentStore? store = null;
            var opening = Seconds(() => store = LatentStore.Open(folder));
            var kept = GC.GetTotalMemory(forceFullCollection: true) - before;
            store!.Dispose();
            var (bytes, times) = (Enumerable.Range(0, Opened).Sum(part => Length(paths.Manifest(part))), (double)Parts / Opened);
            return
            [
                what, Cells.Megabytes(bytes * times), Cells.Number(opening, 2), Cells.Number(opening * times, 1), Cells.Megabytes(kept), Cells.Megabytes(kept * times),
                Cells.Number(completing, 2), Cells.Number(completing * times, 1), Cells.Number(looking, 3), Cells.Number(looking * times, 2),
            ];
        }
    }

    private static void Verifying(string folder, Report report)
    {
        var shard = new StorePaths(folder).Shard("00000.safetensors");
        SourceList.Sha256Of(shard);
        var hash = Length(shard) / Seconds(() => SourceList.Sha256Of(shard));
        StoreFindings? found = null;
        var verify = Seconds(() => found = StoreVerification.Run(folder));
        var all = (double)Length(shard) * Parts;
        report.Section(
            "A store of 100,000,000 images: verifying",
            $"SHA-256 of one safetensors file of {Cells.Megabytes(Length(shard), 0)} MB in the page cache, on one core, and `latents verify` of the two parts, on all {Environment.ProcessorCount}; then {all / 1e12:0.00} TB, where the disk is as fast.");
        report.Table(
            ["", ">GB/s", ">1 core, minutes", ">16 cores, minutes", ">64 cores, minutes"],
            [["SHA-256", Cells.Number(hash / 1e9, 2), .. new[] { 1, 16, 64 }.Select(cores => Cells.Number(all / hash / cores / 60, 1))], ["`latents verify`", Cells.Number(found!.Bytes / verify / 1e9, 2), "", "", ""]]);
    }

    private static long Length(string path) => new FileInfo(path).Length;

    private static double Seconds(Action action)
    {
        var clock = Stopwatch.StartNew();
        action();
        return clock.Elapsed.TotalSeconds;
    }
}
