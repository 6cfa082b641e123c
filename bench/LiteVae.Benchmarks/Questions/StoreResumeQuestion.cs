namespace LiteVae.Benchmarks.Questions;

/// <summary>What does a run cost that finds its job finished?</summary>
internal static class StoreResumeQuestion
{
    private const int Images = 50_000;
    private const int Side = 256;

    public static void Answer(Settings settings, Report report)
    {
        var root = Directory.CreateTempSubdirectory("litevae-bench-").FullName;
        try
        {
            var (list, store) = (Path.Combine(root, "sources.csv"), Path.Combine(root, "store"));
            SyntheticStore.List(list, Images);
            string[] command = ["encode", list, "--out", store, "--model", settings.Model, "--size", $"{Side}"];
            CommandRun.Of([.. command, "--plan-only"]);
            new SyntheticStore(store).Fill();
            CommandRun.Of(command); // the program's files are in the page cache from here on
            List<CommandRun> runs = [.. Enumerable.Range(0, settings.Rounds).Select(_ => CommandRun.Of(command))];
            report.Section(
                "Running a finished job again",
                $"`litevae encode LIST --out STORE` on a finished store of {Images} images of {Side} x {Side}, a process of its own with all that starting takes. "
                + "The store was planned by the same command, and its parts were written by the product's code with noise in place of an encoder's results. The goal is under 5 s.");
            report.Table(
                [">median, s", ">longest, s", ">peak memory, MB"],
                [[Cells.Number(PairedTiming.Median([.. runs.Select(run => run.Seconds)]), 2), Cells.Number(runs.Max(run => run.Seconds), 2), Cells.Megabytes(runs.Max(run => run.Peak))]]);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
