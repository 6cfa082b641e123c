using System.Diagnostics;
using LiteVae.Tests;
using LiteVae.Tests.Images;
using SkiaSharp;

namespace LiteVae.Cli.Tests.Commands;

/// <summary>Disks that fill up, sources that change, names that are odd: nothing is half-written, what is wrong is named, the job goes on.</summary>
public sealed class EncodeHardshipTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public EncodeHardshipTests() => TinyModels.Write(_folder.At("model"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_disk_that_fills_up_keeps_what_is_complete_and_the_job_goes_on_once_there_is_space()
    {
        var disk = _folder.At("disk");
        Directory.CreateDirectory(disk);
        Assert.SkipUnless(OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=700k", "tmpfs", disk) == 0, "a small file system cannot be mounted here");
        try
        {
            PhotoCrops.Write(_folder.At("photos"), 40);
            (await Encode("reference", "--size", "256", "--shard-size", "8")).Expect(0);

            // an image is 8 KB: a part is 64 KB, and once more in the file without a name
            var full = (await Encode("disk/store", "--size", "256", "--shard-size", "8", "--flip")).Expect(2);
            Assert.Contains("The store cannot be written: No space left on device", full.Error, StringComparison.Ordinal);
            Assert.Contains("the same job goes on from there", full.Error, StringComparison.Ordinal);
            var (plan, hash) = StorePlan.Read(_folder.At("disk/store/plan.json"));
            var complete = StoreCompletion.CompleteParts(new StorePaths(_folder.At("disk/store")), plan);
            Assert.InRange(complete.Count, 1, plan.Parts - 1);
            Assert.All(complete, part => ShardManifest.Read(new StorePaths(_folder.At("disk/store")), plan, hash, part));
            Assert.Empty(Directory.EnumerateFiles(disk, AtomicFile.TemporaryPattern, SearchOption.AllDirectories));

            Assert.Equal(0, Run("mount", "-o", "remount,size=8m", disk));
            (await Encode("disk/store", "--size", "256", "--shard-size", "8", "--flip")).Expect(0);
            (await Encode("flipped", "--size", "256", "--shard-size", "8", "--flip")).Expect(0);
            Assert.Equal(StoreDigest.Of(_folder.At("flipped")), StoreDigest.Of(_folder.At("disk/store")));
        }
        finally
        {
            Assert.Equal(0, Run("umount", disk));
        }
    }

    [Fact]
    public async Task Sources_that_vanish_change_or_turn_unreadable_between_runs_are_recorded_as_they_are_found()
    {
        PhotoCrops.Write(_folder.At("photos"), 12);
        (await Encode("store", "--size", "16", "--shard-size", "4", "--task", "0/3")).Expect(0);
        var before = SourceList.Sha256Of(_folder.At("store/shards/00000.safetensors"));

        File.Delete(_folder.At("photos/00/00001.jpg")); // in the part that is done: nobody looks again
        File.Delete(_folder.At("photos/00/00004.jpg"));
        File.Copy(_folder.At("photos/00/00011.jpg"), _folder.At("photos/00/00005.jpg"), overwrite: true);
        File.WriteAllBytes(_folder.At("photos/00/00006.jpg"), File.ReadAllBytes(_folder.At("photos/00/00006.jpg"))[..200]);
        File.Delete(_folder.At("photos/00/00008.jpg"));
        Directory.CreateDirectory(_folder.At("photos/00/00008.jpg"));
        File.Delete(_folder.At("photos/00/00009.jpg"));
        File.CreateSymbolicLink(_folder.At("photos/00/00009.jpg"), _folder.At("photos/00/00009.jpg"));
        (await Encode("store", "--size", "16", "--shard-size", "4", "--task", "1/3")).Expect(1);
        (await Encode("store", "--size", "16", "--shard-size", "4", "--task", "2/3")).Expect(1);

        Assert.Equal(before, SourceList.Sha256Of(_folder.At("store/shards/00000.safetensors")));
        var reasons = Failures("store");
        Assert.Equal(["00/00004.jpg", "00/00006.jpg", "00/00008.jpg", "00/00009.jpg"], reasons.Keys.Order());
        Assert.Contains("no such image file", reasons["00/00004.jpg"], StringComparison.Ordinal);
        Assert.Contains("broken", reasons["00/00006.jpg"], StringComparison.Ordinal);
        Assert.Contains("a folder", reasons["00/00008.jpg"], StringComparison.Ordinal);
        Assert.Equal((8, 4), (DatasetSummary.Read(_folder.At("store/dataset.json")).Images, DatasetSummary.Read(_folder.At("store/dataset.json")).Failed));
        using var shard = LatentShard.Open(_folder.At("store/shards/00001.safetensors"));
        Assert.Equal(SourceList.Sha256Of(_folder.At("photos/00/00011.jpg")), shard.ReadRows().Single(row => row.Key == "00/00005.jpg").SourceSha256);
    }

    [Fact]
    public async Task Odd_names_links_collisions_and_images_too_large_do_not_stop_the_job()
    {
        var png = Pictures.Encode(Pictures.Gradient(16, 16), SKEncodedImageFormat.Png);
        var deep = _folder.At("photos");
        while (deep.Length < 3990 - 210)
        {
            deep = Path.Combine(deep, new string('d', 200));
        }

        var names = new[] { "a b.png", "-x.png", "quote\"'`.png", "line\nbreak.png", "#%?&.png", "ü字😀.png", "back\\slash.png", $"{Path.GetRelativePath(_folder.At("photos"), deep)}/{new string('n', 200)}.png" };
        foreach (var name in names)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_folder.At("photos"), name))!);
            File.WriteAllBytes(Path.Combine(_folder.At("photos"), name), png);
        }

        Directory.CreateDirectory(_folder.At("photos/loop"));
        File.WriteAllBytes(_folder.At("photos/loop/in.png"), png);
        Directory.CreateSymbolicLink(_folder.At("photos/loop/again"), _folder.At("photos"));
        File.CreateSymbolicLink(_folder.At("photos/endless.png"), "/dev/zero");
        File.WriteAllBytes(_folder.At("photos/large.bmp"), [.. "BM"u8, 54, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 0, 0x40, 0, 0, 0, 0x40, 0, 0, 1, 0, 24, 0, .. new byte[24 + 200]]);
        _folder.Write("list.txt", $"{_folder.At("photos/a b.png")}\n");
        File.WriteAllBytes(_folder.At("a b.png"), png);

        var result = (await Litevae.Run("encode", _folder.At("photos"), _folder.At("a b.png"), "--out", _folder.At("store"), "--size", "16", "--model", _folder.At("model"))).Expect(1);

        var reasons = Failures("store");
        Assert.Equal(["a b.png", "endless.png", "large.bmp"], reasons.Keys.Order(StringComparer.Ordinal));
        Assert.Contains($"the key a b.png is also that of {_folder.At("a b.png")}", reasons["a b.png"], StringComparison.Ordinal);
        Assert.Contains("empty", reasons["endless.png"], StringComparison.Ordinal);
        Assert.Contains("too large: 16384 x 16384", reasons["large.bmp"], StringComparison.Ordinal);
        using var shard = LatentShard.Open(_folder.At("store/shards/00000.safetensors"));
        Assert.Equal(names.Append("loop/in.png").Order(StringComparer.Ordinal), shard.ReadRows().Select(row => row.Key));
        Assert.Contains(shard.ReadRows(), row => row.Source.Length > 3900);
    }

    [Fact]
    public async Task A_name_that_is_no_text_is_a_failure()
    {
        Directory.CreateDirectory(_folder.At("photos"));
        File.WriteAllBytes(_folder.At("photos/good.png"), Pictures.Encode(Pictures.Gradient(16, 16), SKEncodedImageFormat.Png));
        Assert.SkipUnless(OperatingSystem.IsLinux() && Run("sh", "-c", $"cp '{_folder.At("photos/good.png")}' \"{_folder.At("photos")}/$(printf 'bad\\377').png\"") == 0, "such a name cannot be made here");
        (await Encode("store", "--size", "16")).Expect(1);
        Assert.Equal(0, Run("rm", "-r", _folder.At("photos"))); // .NET can neither open nor delete it
        Assert.Equal(["bad\uFFFD.png"], Failures("store").Keys);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Interrupted_it_stops_soon_says_what_is_kept_and_the_same_command_goes_on(string signal)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "sends a signal");
        PhotoCrops.Write(_folder.At("photos"), 1200);
        var process = Litevae.Start(["encode", _folder.At("photos"), "--out", _folder.At("store"), "--size", "32", "--shard-size", "16", "--model", _folder.At("model")]);
        while (!File.Exists(_folder.At("store/shards/00000.json")))
        {
            await Task.Delay(5);
        }

        await Litevae.Signal(process, signal);
        var result = (await Litevae.Finish(process)).Expect(130);
        var kept = 16 * Directory.GetFiles(_folder.At("store/shards"), "*.json").Length;
        Assert.Contains($"Stopped. {kept:N0} of 1,200 images are kept, those of complete parts; ", result.Out, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_folder.At("store/shards"), AtomicFile.TemporaryPattern));
        (await Encode("store", "--size", "32", "--shard-size", "16")).Expect(0);
        Assert.Equal(1200, DatasetSummary.Read(_folder.At("store/dataset.json")).Images);
    }

    [Fact]
    public async Task Interrupted_before_the_first_part_is_complete_it_says_that_all_is_lost_and_what_loses_less()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "sends a signal");
        PhotoCrops.Write(_folder.At("photos"), 1200);
        var process = Litevae.Start(["encode", _folder.At("photos"), "--out", _folder.At("store"), "--size", "32", "--model", _folder.At("model")]);
        while (!Directory.Exists(_folder.At("store/shards")))
        {
            await Task.Delay(5);
        }

        await Litevae.Signal(process, "INT");
        var result = (await Litevae.Finish(process)).Expect(130);
        Assert.Matches("Stopped. 0 of 1,200 images are kept, those of complete parts; [0-9,]+ of the part in progress must be encoded again. ", result.Out);
        Assert.Contains("In a new store, a smaller --shard-size loses less.", result.Out, StringComparison.Ordinal);
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }

    private Task<Litevae.Result> Encode(string store, params string[] options) =>
        Litevae.Run(["encode", _folder.At("photos"), "--out", _folder.At(store), "--model", _folder.At("model"), .. options]);

    private Dictionary<string, string> Failures(string store)
    {
        using var table = File.OpenRead(_folder.At($"{store}/failures.parquet"));
        return FailureTable.Read(table, store).ToDictionary(failure => failure.Key, failure => failure.Reason);
    }
}
