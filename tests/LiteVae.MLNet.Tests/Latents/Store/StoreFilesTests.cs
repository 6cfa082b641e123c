using System.Text;
using System.Text.Json.Nodes;

namespace LiteVae.Tests.Latents.Store;

/// <summary>plan.json, the manifests, dataset.json and the tables: written, read back, and refused where they are wrong.</summary>
public sealed class StoreFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_plan_comes_back_and_says_in_what_another_run_differs()
    {
        var plan = TinyStores.Plan(TinyStores.Settings(sizes: [new(16, 16), new(24, 8)]));
        File.WriteAllBytes(_folder.At("plan.json"), StoreJson.File(plan));
        var (read, hash) = StorePlan.Read(_folder.At("plan.json"));

        Assert.Equal(StoreJson.File(plan), StoreJson.File(read));
        Assert.Equal(SourceList.Sha256Of(_folder.At("plan.json")), hash);
        Assert.Equal((4, 2), (read.SourcesOf(0), read.SourcesOf(1)));
        Assert.Equal("00001-24x8", read.Settings.ShardName(1, new(24, 8)));
        Assert.Empty(read.Settings.Differences(plan.Settings));
        Assert.Equal(
            ["dtype is \"F16\" in the store and \"F32\" in this run.", "sizes is [[16, 16],[24, 8]] in the store and [[16, 8]] in this run."],
            read.Settings.Differences(TinyStores.Settings(SafetensorsType.F32)));
    }

    [Theory]
    [InlineData("format", "\"litevae-plan-2\"", "the format is litevae-plan-2; this version of LiteVae.MLNet reads litevae-plan-1: update it")]
    [InlineData("format", "\"litevae-dataset-1\"", "not a file of the format litevae-plan-1: its member 'format' is 'litevae-dataset-1'")]
    [InlineData("format", "7", "is missing or no text")]
    [InlineData("parts", "3", "6 sources in parts of 4 are 2 parts; parts is 3")]
    [InlineData("parts", "4294967296", "no valid litevae-plan-1")]
    [InlineData("sources", "9223372036854775807", "are 2305843009213693952 parts")]
    [InlineData("sources", "1e99", "no valid litevae-plan-1")]
    [InlineData("part_offsets", "[0, 200, 100]", "rising numbers")]
    [InlineData("part_offsets", "null", "no valid litevae-plan-1")]
    [InlineData("sources_sha256", "\"../../etc/passwd\"", "64 hexadecimal digits")]
    [InlineData("settings", null, "missing required properties")]
    public void A_wrong_plan_is_refused_with_the_reason(string member, string? value, string reason)
    {
        var json = JsonNode.Parse(StoreJson.File(TinyStores.Plan()))!.AsObject();
        json.Remove(member);
        if (value is not null)
        {
            json[member] = JsonNode.Parse(value);
        }

        Refused<StorePlan>(json.ToJsonString(), path => StorePlan.Read(path), reason);
    }

    [Theory]
    [InlineData("encoder_sha256", "\"AB\"", "encoder_sha256 is 'AB'")]
    [InlineData("dtype", "\"F8\"", "'F8' is no element type")]
    [InlineData("dtype", "\"I64\"", "dtype is I64; allowed are F16, BF16 and F32")]
    [InlineData("sizes", "[[16, 12]]", "a size is 16x12")]
    [InlineData("sizes", "[[16]]", "a size must be [width, height]")]
    [InlineData("sizes", "[]", "there are 0 sizes")]
    [InlineData("shard_size", "0", "shard_size is 0")]
    [InlineData("config", "{\"schema_version\": 99}", "schema_version is 99")]
    public void Wrong_settings_are_refused_with_the_reason(string member, string value, string reason)
    {
        var json = JsonNode.Parse(StoreJson.File(TinyStores.Plan()))!;
        json["settings"]![member] = JsonNode.Parse(value);
        Refused<StorePlan>(json.ToJsonString(), path => StorePlan.Read(path), reason);
    }

    [Theory]
    [InlineData("{", "no valid litevae-plan-1")]
    [InlineData("[1]", "is missing or no text")]
    [InlineData("", "the file is empty")]
    public void What_is_no_JSON_object_is_refused(string text, string reason) => Refused<StorePlan>(text, path => StorePlan.Read(path), reason);

    [Fact]
    public void A_manifest_comes_back_and_one_that_does_not_fit_the_plan_is_refused()
    {
        var plan = TinyStores.Plan();
        var paths = new StorePaths(_folder.Root);
        var good = new ShardManifest(
            ShardManifest.CurrentFormat,
            1,
            TinyStores.Hash,
            [new ShardEntry(new(16, 8), [1, 4, 1, 2], 1, new("00001.safetensors", 9, TinyStores.Hash), new("00001.parquet", 9, TinyStores.Hash))],
            [new LatentFailure("k", "/photos/k", "broken")],
            [.. Enumerable.Repeat(new ChannelSums(2, 0.1, 0.2, -1, 1), 4)]);
        var read = Read(good);
        Assert.Equal(StoreJson.File(good), StoreJson.File(read));
        Assert.Equal((1, 18L), (read.Rows(), read.Bytes()));

        var shard = good.Shards[0];
        Refuse(good with { PlanSha256 = new string('b', 64) }, "belongs to the plan bbb");
        Refuse(good with { Part = 0 }, "it is part 0");
        Refuse(good with { Failures = [] }, "1 rows and 0 failures; the part has 2 sources");
        Refuse(good with { Shards = [shard with { Tensors = shard.Tensors with { Name = "../../x.safetensors" } }] }, "should be 00001.safetensors");
        Refuse(good with { Shards = [shard with { Shape = [1, 4, 2, 2] }] }, "the shape must be [1, 4, 1, 2]");
        Refuse(good with { Shards = [shard with { Size = new(24, 24) }] }, "not of the plan's sizes");
        Refuse(good with { Channels = [] }, "statistics of 0 channels");
        Refuse(good with { Failures = [null!] }, "an entry is null");

        ShardManifest Read(ShardManifest manifest)
        {
            AtomicFile.WriteAllBytes(paths.Manifest(1), StoreJson.File(manifest));
            return ShardManifest.Read(paths, plan, TinyStores.Hash, 1).Manifest;
        }

        void Refuse(ShardManifest manifest, string reason) => Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => Read(manifest)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_summary_comes_back_and_one_whose_numbers_do_not_fit_is_refused()
    {
        var good = new DatasetSummary(
            DatasetSummary.CurrentFormat, TinyStores.Settings(), TinyStores.Hash, TinyStores.Hash, TinyStores.Hash, 6, 5, 1, 2, 2, 100, new(4, 0.5, false), [.. Enumerable.Repeat(new DatasetChannel(0.1, 1, -3, 3), 4)]);
        File.WriteAllBytes(_folder.At("dataset.json"), StoreJson.File(good));
        Assert.Equal(StoreJson.File(good), StoreJson.File(DatasetSummary.Read(_folder.At("dataset.json"))));
        Refused<DatasetSummary>(Encoding.UTF8.GetString(StoreJson.File(good with { Images = 6 })), DatasetSummary.Read, "do not fit together");
        Refused<DatasetSummary>(Encoding.UTF8.GetString(StoreJson.File(good with { Channels = [] })), DatasetSummary.Read, "there are 0 channels");
    }

    [Fact]
    public void Tables_have_the_same_bytes_every_time_and_any_number_of_rows()
    {
        foreach (var count in new[] { 0, 1, 20_000 })
        {
            var rows = Enumerable.Range(0, count).Select(TinyStores.Row).ToList();
            var bytes = Bytes(stream => RowTable.Write(stream, rows));
            Assert.Equal(bytes, Bytes(stream => RowTable.Write(stream, rows)));
            Assert.Equal(rows, RowTable.Read(new MemoryStream(bytes), "table"));
        }

        LatentFailure[] failures = [new("ü\n", "/a", "x"), new(new string('k', 4000), "/b", "")];
        Assert.Equal(failures, FailureTable.Read(new MemoryStream(Bytes(stream => FailureTable.Write(stream, failures))), "table"));
    }

    [Fact]
    public void A_part_of_the_list_of_sources_is_read_by_its_place_and_a_wrong_list_refused()
    {
        SourceRecord[] sources = [new("a", "/photos/a"), new("b", "/photos/x.tar", "b.jpg", 512, 7, "cat", "a \"cat\""), new("c", "/photos/c", Failure: "no"), new("d\n", "/photos/d"), new("e", "/photos/e")];
        var lines = sources.Select(source => StoreJson.Line(source)).ToList();
        var plan = TinyStores.Plan(sources: 5) with { PartOffsets = [0, lines[..4].Sum(line => line.Length), lines.Sum(line => line.Length)] };
        var paths = new StorePaths(_folder.Root);
        File.WriteAllBytes(paths.Sources(TinyStores.Hash), [.. lines.SelectMany(line => line)]);
        Assert.Equal(sources[..4], SourceList.Read(paths, plan, 0));
        Assert.Equal(sources[4..], SourceList.Read(paths, plan, 1));
        Assert.Equal("/photos/x.tar/b.jpg", sources[1].Name());

        Assert.Contains("should have 4 sources and has 3", Assert.Throws<InvalidDataException>(() => SourceList.Read(paths, plan with { PartOffsets = [0, lines[..3].Sum(line => line.Length), plan.PartOffsets[2]] }, 0)).Message, StringComparison.Ordinal);
        Assert.Contains("truncated", Assert.Throws<InvalidDataException>(() => SourceList.Read(paths, plan with { PartOffsets = [0, 10, plan.PartOffsets[2] + 1] }, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("line 1", Assert.Throws<InvalidDataException>(() => SourceList.Read(paths, plan with { PartOffsets = [5, plan.PartOffsets[1], plan.PartOffsets[2]] }, 0)).Message, StringComparison.Ordinal);
    }

    private static byte[] Bytes(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return stream.ToArray();
    }

    private void Refused<T>(string text, Func<string, object> read, string reason)
    {
        var path = _folder.Write($"{typeof(T).Name}.json", text);
        var message = Assert.Throws<InvalidDataException>(() => read(path)).Message;
        Assert.StartsWith(path, message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }
}
