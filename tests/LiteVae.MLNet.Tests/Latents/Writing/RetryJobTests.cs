using LiteVae.Tests.Images;
using SkiaSharp;

namespace LiteVae.Tests.Latents.Writing;

/// <summary>What failed is encoded after all, and the store is as if it had not failed.</summary>
public sealed class RetryJobTests : IDisposable
{
    private static readonly ImageSize[] Buckets = [new(24, 24), new(32, 16), new(16, 32)];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Afterwards_every_byte_is_as_if_nothing_had_failed()
    {
        using var model = Model();
        var reference = Reference(model, 30);
        Break(3, 4, 17, 29);
        Assert.Equal(4, new EncodeJob(model, Options("store")).Run().TaskFailed);
        Assert.NotEqual(reference, StoreDigest.Of(_folder.At("store")));

        // some of them at a time, so that parts are written anew twice
        Mend(3, 29);
        Assert.Equal(new RetryResult(4, 2, 2, 2, true), new RetryJob(model, _folder.At("store"), batchSize: 2).Run());
        Assert.Empty(StoreVerification.Run(_folder.At("store")).Faults);
        Mend(4, 17);
        List<EncodeProgress> heard = [];
        Assert.Equal(new RetryResult(2, 2, 0, 2, true), new RetryJob(model, _folder.At("store")).Run(new Heard(heard.Add)));
        Assert.Equal((2, 2, 0), (heard[^1].Done, heard[^1].Total, heard[^1].Failed)); // what is taken over is not counted
        Assert.Equal(reference, StoreDigest.Of(_folder.At("store")));
    }

    [Fact]
    public void What_still_fails_leaves_the_store_as_it_is()
    {
        using var model = Model();
        Reference(model, 10);
        Break(2, 7);
        File.Copy(Photo(0), _folder.At("00.png"));
        new EncodeJob(model, Options("store") with { Inputs = [_folder.At("photos"), _folder.At("00.png")] }).Run();
        var before = StoreDigest.Of(_folder.At("store"));
        var written = File.GetLastWriteTimeUtc(_folder.At("store/shards/00000.json"));

        // two are broken, and one of two with the same key was refused when the store was planned
        List<EncodeProgress> heard = [];
        Assert.Equal(new RetryResult(3, 0, 3, 0, true), new RetryJob(model, _folder.At("store")).Run(new Heard(heard.Add)));
        Assert.Equal((3, 3, 3), (heard[^1].Done, heard[^1].Total, heard[^1].Failed));
        Assert.Equal(["00.png", "02.png", "07.png"], heard.Select(report => report.Failure!.Key));
        Assert.Contains("is also that of", heard[0].Failure!.Reason, StringComparison.Ordinal);
        Assert.Equal((before, written), (StoreDigest.Of(_folder.At("store")), File.GetLastWriteTimeUtc(_folder.At("store/shards/00000.json"))));
        Mend(2, 7);
        Assert.Equal(new RetryResult(3, 2, 1, 2, true), new RetryJob(model, _folder.At("store")).Run());
    }

    [Fact]
    public void What_was_encoded_is_taken_over_though_its_source_is_gone()
    {
        using var model = Model();
        var reference = Reference(model, 10);
        Break(5);
        new EncodeJob(model, Options("store")).Run();
        Mend(5);
        foreach (var i in Enumerable.Range(0, 10).Where(i => i != 5))
        {
            File.Delete(Photo(i));
        }

        new RetryJob(model, _folder.At("store")).Run();
        Assert.Equal(reference, StoreDigest.Of(_folder.At("store")));
    }

    [Fact]
    public void Shares_of_the_work_put_together_do_all_of_it()
    {
        using var model = Model();
        var reference = Reference(model, 30);
        Break(1, 12, 25);
        new EncodeJob(model, Options("store")).Run();
        Mend(1, 12, 25);
        Assert.Equal(3, Enumerable.Range(0, 3).Sum(task => new RetryJob(model, _folder.At("store"), task: new(task, 3)).Run().Encoded));
        Assert.Equal(reference, StoreDigest.Of(_folder.At("store")));
    }

    [Theory]
    [InlineData(0, false, false)] // killed while the new files were named: as before
    [InlineData(3, true, true)] // killed when all were named: the new ones
    [InlineData(2, true, true)] // killed while the new ones took the old ones' places
    public void A_replacement_that_was_killed_is_finished_or_undone(int beside, bool hasManifest, bool isNew)
    {
        using var model = Model();
        var reference = Reference(model, 8);
        Break(5);
        new EncodeJob(model, Options("store")).Run();
        var old = StoreDigest.Of(_folder.At("store"));
        Mend(5);
        foreach (var (i, from) in Directory.GetFiles(_folder.At("reference/shards"), "00000*").Where(path => !path.EndsWith(".json", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Index())
        {
            var target = _folder.At($"store/shards/{Path.GetFileName(from)}");
            File.Copy(from, hasManifest && i >= beside ? target : target + PartReplacement.Extension, overwrite: true);
        }

        if (hasManifest)
        {
            File.Copy(_folder.At("reference/shards/00000.json"), _folder.At($"store/shards/00000.json{PartReplacement.Extension}"));
        }

        File.Delete(_folder.At("store/dataset.json"));
        Assert.Contains(StoreVerification.Run(_folder.At("store")).Faults, fault => fault.Reason.Contains("run `litevae latents retry` again", StringComparison.Ordinal));
        Assert.Throws<InvalidOperationException>(() => LatentStore.Open(_folder.At("store")));

        new EncodeJob(model, Options("store")).Run(); // whoever comes next, also without a retry
        Assert.Equal(isNew ? reference : old, StoreDigest.Of(_folder.At("store")));
    }

    [Fact]
    public void A_damaged_part_is_not_taken_over()
    {
        using var model = Model();
        Reference(model, 8);
        Break(1);
        new EncodeJob(model, Options("store")).Run();
        Mend(1);
        var path = Directory.GetFiles(_folder.At("store/shards"), "00000*.safetensors")[0];
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.Contains($"{path}: the file has the SHA-256", Assert.Throws<InvalidDataException>(() => new RetryJob(model, _folder.At("store")).Run()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_without_its_list_of_sources_is_named()
    {
        using var model = Model();
        Reference(model, 8);
        Break(1);
        new EncodeJob(model, Options("store")).Run();
        File.Delete(Directory.GetFiles(_folder.At("store"), StorePaths.SourcesPattern).Single());
        Assert.Throws<FileNotFoundException>(() => new RetryJob(model, _folder.At("store")).Run());
    }

    [Fact]
    public void Another_encoder_other_tiles_and_no_store_are_refused()
    {
        using var model = Model();
        Reference(model, 2);
        using var other = LiteVaeModel.Load(TinyModels.Write(_folder.At("other")));
        Assert.Contains(other.EncoderSha256, Assert.Throws<InvalidOperationException>(() => new RetryJob(other, _folder.At("reference")).Run()).Message, StringComparison.Ordinal);
        using var tiled = LiteVaeModel.Load(_folder.At("model"), new LiteVaeModelOptions { TileSize = 64 });
        Assert.Contains("64 pixels", Assert.Throws<InvalidOperationException>(() => new RetryJob(tiled, _folder.At("reference")).Run()).Message, StringComparison.Ordinal);
        Assert.Throws<DirectoryNotFoundException>(() => new RetryJob(model, _folder.At("nowhere")).Run());
        Assert.Throws<ArgumentException>(() => new RetryJob(model, _folder.At("reference"), batchSize: 0));
    }

    private LiteVaeModel Model() => LiteVaeModel.Load(TinyModels.WriteIdentity(_folder.At("model")));

    private EncodeJobOptions Options(string store) =>
        new() { Inputs = [_folder.At("photos")], Store = _folder.At(store), Sizes = Buckets, Flip = true, ShardSize = 8, BatchSize = 3 };

    private string Reference(LiteVaeModel model, int photos)
    {
        Directory.CreateDirectory(_folder.At("photos"));
        Mend([.. Enumerable.Range(0, photos)]);
        new EncodeJob(model, Options("reference")).Run();
        return StoreDigest.Of(_folder.At("reference"));
    }

    private string Photo(int i) => _folder.At($"photos/{i:00}.png");

    private void Break(params int[] photos) => Array.ForEach(photos, i => File.WriteAllBytes(Photo(i), [1, 2, 3]));

    private void Mend(params int[] photos) => Array.ForEach(photos, i => File.WriteAllBytes(Photo(i), Pictures.Encode(Pictures.Noise(20 + (7 * (i % 4)), 40 - (5 * (i % 3)), i), SKEncodedImageFormat.Png)));

    private sealed class Heard(Action<EncodeProgress> hear) : IProgress<EncodeProgress>
    {
        public void Report(EncodeProgress value) => hear(value);
    }
}
