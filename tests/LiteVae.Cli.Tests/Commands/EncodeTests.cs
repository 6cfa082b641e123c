using LiteVae.Tests;
using LiteVae.Tests.Images;
using SkiaSharp;

namespace LiteVae.Cli.Tests.Commands;

/// <summary><c>litevae encode</c>: what is in the store, and what is refused.</summary>
public sealed class EncodeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_store_holds_the_moments_the_rows_the_failures_and_a_summary()
    {
        // Colours: one level is 2/255 of the range, 51 levels are 0.4. By the tiny model's formulas: R + 2 G, B - 0.25, -1, R / 2.
        Save("photos/b.png", 40, 24, (51, 102, 204));
        Save("photos/a/c.png", 16, 16, (255, 0, 255));
        _folder.Write("photos/bad.jpg", "no image");

        var result = (await Litevae.Run("encode", _folder.At("photos"), "--out", _folder.At("store"), "--size", "16", "--dtype", "f32", "--labels", "folder", "--model", TinyModel(), "--json", "-")).Expect(1);

        var (plan, hash) = StorePlan.Read(_folder.At("store/plan.json"));
        var (manifest, _) = ShardManifest.Read(new StorePaths(_folder.At("store")), plan, hash, 0);
        using var shard = LatentShard.Open(_folder.At("store/shards/00000.safetensors"), plan.Settings);
        Assert.Equal((2, 4, 2, 2, SafetensorsType.F32), (shard.Count, shard.Channels, shard.Height, shard.Width, shard.Dtype));
        var moments = new float[2 * shard.MomentsLength];
        shard.ReadMoments(0, moments.AsSpan(0, shard.MomentsLength));
        shard.ReadMoments(1, moments.AsSpan(shard.MomentsLength));
        float[] expected = [.. Four(1 - 2), .. Four(1 - 0.25f), .. Four(-1), .. Four(0.5f), .. Four(-0.6f + (2 * -0.2f)), .. Four(0.6f - 0.25f), .. Four(-1), .. Four(-0.3f)];
        Assert.Equal(expected, moments, (a, b) => Math.Abs(a - b) < 1e-5f);

        // 40 x 24 covers 16 x 16 as 26 x 16, of which 5 columns are cut off at the left: 5 * 40 / 26 pixels.
        Assert.Equal(
            [
                new LatentRow("a/c.png", _folder.At("photos/a/c.png"), Sha256("photos/a/c.png"), 16, 16, 0, 0, 16, 16, 0, "a", null),
                new LatentRow("b.png", _folder.At("photos/b.png"), Sha256("photos/b.png"), 40, 24, 5 * (40.0 / 26), 0, 16 * (40.0 / 26), 24, 1, null, null),
            ],
            shard.ReadRows(manifest.Shards[0].Table.Sha256));
        Assert.Equal(Sha256("store/shards/00000.safetensors"), manifest.Shards[0].Tensors.Sha256);

        using var table = File.OpenRead(_folder.At("store/failures.parquet"));
        var failure = Assert.Single(FailureTable.Read(table, "failures"));
        Assert.Equal(("bad.jpg", _folder.At("photos/bad.jpg")), (failure.Key, failure.Source));
        Assert.StartsWith("not an image", failure.Reason, StringComparison.Ordinal);

        var summary = DatasetSummary.Read(_folder.At("store/dataset.json"));
        Assert.Equal((3, 2, 1, 1, 1), (summary.Sources, summary.Images, summary.Failed, summary.Parts, summary.Shards));
        Assert.Equal(new DatasetScaling(4, 0.5, false), summary.Scaling);
        Assert.Equal(Sha256("model/vae_encoder/model.onnx"), summary.Settings.EncoderSha256);
        Assert.Equal(Sha256("store/shards/00000.json"), summary.ManifestsSha256);
        Assert.Equal([-1, 0.55, -1, 0.1], summary.Channels.Select(channel => channel.Mean), (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.Equal([0, 0.2, 0, 0.4], summary.Channels.Select(channel => channel.Std), (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.Equal((-0.3, 0.5), (summary.Channels[3].Min, summary.Channels[3].Max), (a, b) => Math.Abs(a.Item1 - b.Item1) + Math.Abs(a.Item2 - b.Item2) < 1e-5);

        Assert.Equal((2, 1, true), (result.Json.GetProperty("images").GetInt32(), result.Json.GetProperty("failed").GetInt32(), result.Json.GetProperty("is_complete").GetBoolean()));
        Assert.Contains("bad.jpg: not an image", result.Error, StringComparison.Ordinal);

        // run again: there is nothing to do, and the failure still tells in the exit code
        var again = (await Litevae.Run("encode", _folder.At("photos"), "--out", _folder.At("store"), "--size", "16", "--dtype", "f32", "--labels", "folder", "--model", _folder.At("model"), "--json", "-")).Expect(1);
        Assert.Equal((0, 2), (again.Json.GetProperty("encoded").GetInt32(), again.Json.GetProperty("images").GetInt32()));

        static float[] Four(float value) => [value, value, value, value];
    }

    [Fact]
    public async Task A_run_with_other_settings_is_refused_with_both_values_and_changes_nothing()
    {
        Save("photos/one.png", 16, 16, (0, 0, 0));
        string[] command = ["encode", _folder.At("photos"), "--out", _folder.At("store"), "--model", TinyModel()];
        (await Litevae.Run([.. command, "--size", "16"])).Expect(0);
        var digest = StoreDigest.Of(_folder.At("store"));

        var result = (await Litevae.Run([.. command, "--size", "8", "--flip", "--dtype", "bf16"])).Expect(2);
        foreach (var difference in new[] { "sizes is [[16, 16]] in the store and [[8, 8]] in this run", "flip is false in the store and true in this run", "dtype is \"F16\" in the store and \"BF16\" in this run" })
        {
            Assert.Contains(difference, result.Error, StringComparison.Ordinal);
        }

        Assert.Equal(digest, StoreDigest.Of(_folder.At("store")));
    }

    [Fact]
    public async Task Only_planned_a_store_has_no_shards_and_the_next_run_makes_them()
    {
        Save("photos/one.png", 16, 16, (0, 0, 0));
        string[] command = ["encode", _folder.At("photos"), "--out", _folder.At("store"), "--buckets", "64", "--model", TinyModel(), "--json", "-"];
        var planned = (await Litevae.Run([.. command, "--plan-only"])).Expect(0).Json;
        Assert.Equal((1, 1, false), (planned.GetProperty("sources").GetInt32(), planned.GetProperty("parts_left").GetInt32(), planned.GetProperty("is_complete").GetBoolean()));
        Assert.Equal(["64x64"], planned.GetProperty("sizes").EnumerateArray().Select(size => size.GetString()));
        Assert.False(Directory.Exists(_folder.At("store/shards")));
        Assert.True((await Litevae.Run(command)).Expect(0).Json.GetProperty("is_complete").GetBoolean());
    }

    [Fact]
    public async Task Told_to_stop_at_a_failure_it_stops_and_goes_on_once_that_is_mended()
    {
        Save("photos/a.png", 16, 16, (0, 0, 0));
        _folder.Write("photos/b.png", "broken");
        string[] command = ["encode", _folder.At("photos"), "--out", _folder.At("store"), "--size", "16", "--shard-size", "1", "--model", TinyModel(), "--on-error", "stop"];
        var stopped = (await Litevae.Run(command)).Expect(1);
        Assert.Contains("b.png: not an image", stopped.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.At("store/shards/00001.json")));
        Save("photos/b.png", 16, 16, (0, 0, 0));
        (await Litevae.Run(command)).Expect(0);
    }

    [Theory]
    [InlineData("A size is 20x20", "--size", "20")]
    [InlineData("--size and --buckets exclude one another", "--size", "16", "--buckets", "64")]
    [InlineData("--task and --tasks exclude one another", "--task", "0/2", "--tasks", "2")]
    [InlineData("--buckets is '64x'; give one number", "--buckets", "64x")]
    [InlineData("must be a multiple of 32", "--buckets", "100")]
    [InlineData("--task is '2/2'; give the share", "--task", "2/2")]
    [InlineData("neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX says which one this is", "--tasks", "3")]
    [InlineData("--shard-size is 0", "--shard-size", "0")]
    [InlineData("'f8'", "--dtype", "f8")]
    public async Task Wrong_usage_is_refused_before_anything_is_written(string reason, params string[] options)
    {
        Save("photos/one.png", 16, 16, (0, 0, 0));
        var result = (await Litevae.Run(["encode", _folder.At("photos"), "--out", _folder.At("store"), "--model", TinyModel(), .. options])).Expect(2);
        Assert.Contains(reason, result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.At("store")));
    }

    [Fact]
    public async Task Inputs_that_are_not_there_or_hold_no_images_are_refused()
    {
        Directory.CreateDirectory(_folder.At("empty"));
        Assert.Contains("does not exist", (await Litevae.Run("encode", _folder.At("nowhere"), "--out", _folder.At("store"), "--model", TinyModel())).Expect(2).Error, StringComparison.Ordinal);
        Assert.Contains("No images found", (await Litevae.Run("encode", _folder.At("empty"), "--out", _folder.At("store"), "--model", TinyModel())).Expect(2).Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.At("store/plan.json")));
    }

    private string TinyModel() => TinyModels.Write(_folder.At("model"));

    private void Save(string relative, int width, int height, (byte Red, byte Green, byte Blue) colour)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.At(relative))!);
        File.WriteAllBytes(_folder.At(relative), Pictures.Encode(Pictures.FromPixels(width, height, (_, _) => colour), SKEncodedImageFormat.Png));
    }

    private string Sha256(string relative) => SourceList.Sha256Of(_folder.At(relative));
}
