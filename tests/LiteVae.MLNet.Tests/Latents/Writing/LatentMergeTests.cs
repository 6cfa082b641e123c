using LiteVae.Tests.Images;
using SkiaSharp;

namespace LiteVae.Tests.Latents.Writing;

/// <summary>Stores that are merged have the bytes of one that was encoded at once.</summary>
public sealed class LatentMergeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public LatentMergeTests()
    {
        // keys of the three folders interleave; b has a broken image, and one with a key of a
        foreach (var (folder, photos) in new[] { ("a", new[] { 0, 3, 4, 9, 12 }), ("b", [1, 2, 4, 10]), ("c", [5, 6, 7, 8, 11, 13]) })
        {
            Directory.CreateDirectory(_folder.At(folder));
            foreach (var i in photos)
            {
                File.WriteAllBytes(_folder.At($"{folder}/{i:00}.png"), i == 10 ? [1, 2, 3] : Pictures.Encode(Pictures.Noise(20 + (9 * (i % 3)), 30, i + folder[0]), SKEncodedImageFormat.Png));
            }
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a", "b", "c")]
    [InlineData("c", "b", "a")]
    [InlineData("a", "b", "b", "a", "c")] // what is in two stores is in the new one once
    public void The_result_is_that_of_encoding_all_at_once(params string[] names)
    {
        using var model = Model();
        var inputs = names.Distinct().ToArray();
        new EncodeJob(model, Options("at-once", inputs)).Run();
        foreach (var name in inputs)
        {
            new EncodeJob(model, Options($"{name}-store", name) with { ShardSize = name == inputs[0] ? 4 : 3 }).Run(); // the first one's goes for all
        }

        List<long> heard = [];
        Assert.Equal((13, 2), LatentMerge.Run([.. names.Select(name => _folder.At($"{name}-store"))], _folder.At("merged"), new Heard(heard.Add)));
        Assert.Equal([4, 8, 12, 15], heard);
        Assert.Equal(StoreDigest.Of(_folder.At("at-once")), StoreDigest.Of(_folder.At("merged")));
        Assert.Empty(StoreVerification.Run(_folder.At("merged")).Faults);
    }

    [Fact]
    public void An_interrupted_merge_goes_on_and_a_finished_one_stays()
    {
        using var model = Model();
        var stores = Encode(model, "a", "b", "c");
        LatentMerge.Run(stores, _folder.At("whole"));
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => LatentMerge.Run(stores, _folder.At("merged"), new Heard(done => stop.Cancel()), stop.Token));
        Assert.Equal(["00000.json"], Directory.GetFiles(_folder.At("merged/shards"), "*.json").Select(Path.GetFileName));
        Assert.Throws<InvalidOperationException>(() => LatentStore.Open(_folder.At("merged")));
        for (var i = 0; i < 2; i++)
        {
            LatentMerge.Run(stores, _folder.At("merged"));
            Assert.Equal(StoreDigest.Of(_folder.At("whole")), StoreDigest.Of(_folder.At("merged")));
        }

        Assert.Contains("begun by another job", Assert.Throws<InvalidDataException>(() => LatentMerge.Run(stores[..2], _folder.At("merged"))).Message, StringComparison.Ordinal);
        Assert.Equal(StoreDigest.Of(_folder.At("whole")), StoreDigest.Of(_folder.At("merged")));
    }

    [Fact]
    public void What_failed_in_one_store_and_not_in_another_is_taken_from_the_other()
    {
        using var model = Model();
        new EncodeJob(model, Options("early", "b")).Run();
        File.WriteAllBytes(_folder.At("b/10.png"), Pictures.Encode(Pictures.Noise(24, 24), SKEncodedImageFormat.Png));
        new EncodeJob(model, Options("late", "b")).Run();
        LatentMerge.Run([_folder.At("early"), _folder.At("late")], _folder.At("merged"));
        Assert.Equal(StoreDigest.Of(_folder.At("late")), StoreDigest.Of(_folder.At("merged")));
    }

    [Fact]
    public void Stores_that_do_not_fit_together_are_refused_with_what_differs()
    {
        using var model = Model();
        var stores = Encode(model, "a");
        new EncodeJob(model, Options("plain", "b") with { Flip = false, Dtype = SafetensorsType.F32 }).Run();
        var message = Assert.Throws<InvalidOperationException>(() => LatentMerge.Run([.. stores, _folder.At("plain")], _folder.At("merged"))).Message;
        Assert.Contains("dtype is \"F16\" in the store and \"F32\"", message, StringComparison.Ordinal);
        Assert.Contains("flip is true in the store and false", message, StringComparison.Ordinal);
        Assert.DoesNotContain("inputs", message, StringComparison.Ordinal);

        using var other = LiteVaeModel.Load(TinyModels.Write(_folder.At("other")));
        new EncodeJob(other, Options("by-other", "b")).Run();
        Assert.Contains(other.EncoderSha256, Assert.Throws<InvalidOperationException>(() => LatentMerge.Run([.. stores, _folder.At("by-other")], _folder.At("merged"))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => LatentMerge.Run(stores, _folder.At("merged")));
        Assert.Throws<ArgumentException>(() => LatentMerge.Run([.. stores, _folder.At("plain")], stores[0]));
        Assert.False(Directory.Exists(_folder.At("merged")));
    }

    [Fact]
    public void A_damaged_shard_is_found()
    {
        using var model = Model();
        var stores = Encode(model, "a", "c");
        var path = Directory.GetFiles(_folder.At("c-store/shards"), "*.safetensors").Order(StringComparer.Ordinal).Last();
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.Contains($"{path}: the file has the SHA-256", Assert.Throws<InvalidDataException>(() => LatentMerge.Run(stores, _folder.At("merged"))).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.At("merged"), AtomicFile.TemporaryPattern, SearchOption.AllDirectories));
    }

    private LiteVaeModel Model() => LiteVaeModel.Load(TinyModels.WriteIdentity(_folder.At("model")));

    private string[] Encode(LiteVaeModel model, params string[] inputs) => [.. inputs.Select(input =>
    {
        new EncodeJob(model, Options($"{input}-store", input)).Run();
        return _folder.At($"{input}-store");
    })];

    private EncodeJobOptions Options(string store, params string[] inputs) =>
        new() { Inputs = [.. inputs.Select(_folder.At)], Store = _folder.At(store), Sizes = [new(24, 24), new(32, 16)], Flip = true, ShardSize = 4 };

    private sealed class Heard(Action<long> hear) : IProgress<long>
    {
        public void Report(long value) => hear(value);
    }
}
