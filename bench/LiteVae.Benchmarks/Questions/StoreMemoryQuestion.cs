namespace LiteVae.Benchmarks.Questions;

/// <summary>Does the memory of encoding depend on the number of images?</summary>
internal static class StoreMemoryQuestion
{
    private const int Few = 1000; // not a whole part
    private const int ThreeParts = 3 * 4096; // while one is written the next is encoded
    private const int Many = 50_000;
    private const int Side = 64;

    public static void Answer(Settings settings, Report report)
    {
        using var photos = new SamplePhotos(Side, Side);
        var root = Directory.CreateTempSubdirectory("litevae-bench-").FullName;
        try
        {
            var (few, parts, many) = (Encode(Few), Encode(ThreeParts), Encode(Many));
            report.Section(
                "Memory of encoding against images",
                $"Peak resident memory of `litevae encode LIST --out STORE --size {Side} --batch {settings.Batch}`, a process of its own; the list names eight JPEG files of {Side} x {Side} many times over, with keys of their own. "
                + "The goal is that 50 times the images take no more than 1.10 times the memory.");
            report.Table([">images", ">peak, MB", ">ratio", ">s"], [Row(Few, few, few), Row(ThreeParts, parts, few), Row(Many, many, few)]);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }

        CommandRun Encode(int images)
        {
            var list = Path.Combine(root, $"{images}.csv");
            File.WriteAllLines(list, ["path,key", .. photos.Cycle(images).Select((path, i) => $"{path},{i:D6}")]);
            return CommandRun.Of("encode", list, "--out", Path.Combine(root, $"store-{images}"), "--model", settings.Model, "--size", $"{Side}", "--batch", $"{settings.Batch}");
        }

        static string[] Row(int images, CommandRun run, CommandRun first) => [$"{images}", Cells.Megabytes(run.Peak), Cells.Number((double)run.Peak / first.Peak, 3), Cells.Number(run.Seconds, 0)];
    }
}
