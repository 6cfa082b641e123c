using Microsoft.ML;
using Microsoft.ML.Data;

namespace LiteVae.Tests.Latents;

public sealed class LatentStoreTests : IDisposable
{
    private const int Length = 4 * 2 * 4; // moments of an image of 32 x 16

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(SafetensorsType.F32, 0)]
    [InlineData(SafetensorsType.F16, 0.01)]
    [InlineData(SafetensorsType.BF16, 0.1)]
    public void Every_image_is_found_with_its_row_and_its_moments(SafetensorsType type, double tolerance)
    {
        using var store = LatentStore.Open(WrittenStore.Write(_folder.At("store"), type: type, flip: true));
        var encoded = WrittenStore.Encoded(20, 6).ToList();
        Assert.Equal((encoded.Count, 2L), (store.Count, store.Failed));
        for (var image = 0; image < encoded.Count; image++)
        {
            Assert.Equal(WrittenStore.Key(encoded[image]), store.RowOf(image).Key);
            var expected = WrittenStore.Moments(encoded[image], Length);
            var posterior = store.Read(image);
            Assert.Equal((2, 2, 4), (posterior.Channels, posterior.Height, posterior.Width));
            Assert.All(expected.Zip(posterior.Moments), pair => Assert.Equal(pair.First, pair.Second, tolerance));
            Assert.All(expected.Zip(store.Read(image, flipped: true).Moments), pair => Assert.Equal(-pair.First, pair.Second, tolerance));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => store.Read(encoded.Count));
        Assert.Throws<ArgumentOutOfRangeException>(() => store.Read(-1));
    }

    [Fact]
    public void A_shuffled_order_reads_each_table_once()
    {
        using var store = LatentStore.Open(WrittenStore.Write(_folder.At("store"), sources: 200, shardSize: 4));
        foreach (var image in store.Shuffled(seed: 1))
        {
            _ = store.RowOf(image);
        }

        Assert.Equal(store.Index.Shards.Count, store.TablesRead);
    }

    [Fact]
    public void Tables_that_are_large_stay_while_a_shuffled_order_draws_from_them_and_the_longest_unused_goes_first()
    {
        var index = StoreIndex.Read(WrittenStore.Write(_folder.At("store"), sources: 200, shardSize: 4));
        using var shards = new OpenShards(index, checkHashes: true, mostRows: 8);
        Read(0, 16);
        Read(0, 16);
        Assert.Equal(16, shards.TablesRead);
        Read(16, 1);
        Read(1, 16);
        Assert.Equal(17, shards.TablesRead); // in place of the first
        Read(0, 1);
        Assert.Equal(18, shards.TablesRead);

        void Read(int first, int count)
        {
            foreach (var shard in index.Shards.Skip(first).Take(count))
            {
                Assert.Equal(shard.Entry.Rows, shards.RowsOf(shard).Count);
            }
        }
    }

    [Fact]
    public void Sizes_have_shards_of_their_own()
    {
        ImageSize[] sizes = [new(32, 16), new(16, 32)];
        using var store = LatentStore.Open(WrittenStore.Write(_folder.At("store"), sizes: sizes));
        var encoded = WrittenStore.Encoded(20, 6, sizes.Length).ToList();
        for (var image = 0; image < encoded.Count; image++)
        {
            Assert.Equal(WrittenStore.Key(encoded[image]), store.RowOf(image).Key);
            Assert.Equal(sizes[encoded[image] % 2], store.SizeOf(image));
            Assert.Equal(store.SizeOf(image).Width / 8, store.Read(image).Width);
        }
    }

    [Fact]
    public void A_shuffled_order_has_every_image_once_and_depends_on_seed_and_epoch_alone()
    {
        using var store = LatentStore.Open(WrittenStore.Write(_folder.At("store"), sources: 50));
        var all = Enumerable.Range(0, (int)store.Count).Select(image => (long)image).ToList();
        var order = store.Shuffled(1).ToList();
        Assert.Equal(all, order.Order());
        Assert.NotEqual(all, order);
        Assert.Equal(order, store.Shuffled(1));
        Assert.NotEqual(order, store.Shuffled(2));
        Assert.NotEqual(order, store.Shuffled(1, epoch: 1));

        // one shard after the other, each whole
        var shards = store.Shuffled(1, shardsAtOnce: 1).Select(image => store.Index.Find(image).Shard.Number).ToList();
        Assert.Equal(store.Index.Shards.Count, shards.Zip(shards.Skip(1)).Count(pair => pair.First != pair.Second) + 1);
        Assert.Equal(all, store.Shuffled(1, shardsAtOnce: 1).Order());
    }

    [Fact]
    public void Many_threads_read_the_same()
    {
        using var store = LatentStore.Open(WrittenStore.Write(_folder.At("store"), sources: 300, shardSize: 1)); // more shards than may be open
        var encoded = WrittenStore.Encoded(300, 1).ToList();
        Assert.True(store.Index.Shards.Count > OpenShards.Most - 10);
        Parallel.ForEach(store.Shuffled(3).Concat(store.Shuffled(4)), image => Assert.Equal(WrittenStore.Moments(encoded[(int)image], Length), store.Read(image).Moments));
    }

    [Fact]
    public void Another_encoder_or_size_is_refused_with_both()
    {
        var folder = WrittenStore.Write(_folder.At("store"));
        var other = new string('f', 64);
        var e = Assert.Throws<InvalidOperationException>(() => LatentStore.Open(folder, new LatentStoreOptions { EncoderSha256 = other }));
        Assert.Contains(other, e.Message, StringComparison.Ordinal);
        Assert.Contains(WrittenStore.Encoder, e.Message, StringComparison.Ordinal);
        e = Assert.Throws<InvalidOperationException>(() => LatentStore.Open(folder, new LatentStoreOptions { ImageSize = new ImageSize(256, 256) }));
        Assert.Contains("32x16; 256x256 was expected", e.Message, StringComparison.Ordinal);
        LatentStore.Open(folder, new LatentStoreOptions { EncoderSha256 = WrittenStore.Encoder, ImageSize = new ImageSize(32, 16) }).Dispose();
    }

    [Theory]
    [InlineData("plan.json", typeof(InvalidOperationException), "no latent store")]
    [InlineData("dataset.json", typeof(InvalidOperationException), "not complete")]
    [InlineData("shards/00001.json", typeof(FileNotFoundException), "00001.json")]
    public void A_missing_file_is_named(string name, Type kind, string message)
    {
        var folder = WrittenStore.Write(_folder.At("store"));
        File.Delete(Path.Combine(folder, name));
        if (name == "plan.json")
        {
            File.Delete(Path.Combine(folder, "dataset.json"));
        }

        var e = Assert.Throws(kind, () => LatentStore.Open(folder));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.Throws<DirectoryNotFoundException>(() => LatentStore.Open(_folder.At("nowhere")));
    }

    [Theory]
    [InlineData("dataset.json", "litevae-dataset-1", "litevae-dataset-2", "update it")]
    [InlineData("plan.json", "/photos", "/fotos ", "one of them was changed")]
    [InlineData("shards/00001.json", "not an image", "not an imagX", "the manifests in")]
    public void A_changed_file_is_named(string name, string before, string after, string message)
    {
        var path = Path.Combine(WrittenStore.Write(_folder.At("store")), name);
        File.WriteAllText(path, File.ReadAllText(path).Replace(before, after, StringComparison.Ordinal));
        var e = Assert.Throws<InvalidDataException>(() => LatentStore.Open(_folder.At("store")));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shards/00001.safetensors")]
    [InlineData("shards/00001.parquet")]
    public void A_flipped_bit_and_a_missing_end_are_found_by_reading(string name)
    {
        var folder = WrittenStore.Write(_folder.At("store"));
        var path = Path.Combine(folder, name);
        var good = File.ReadAllBytes(path);
        var bad = good.ToArray();
        bad[^20] ^= 4;
        foreach (var bytes in new[] { bad, good[..^7] })
        {
            File.WriteAllBytes(path, bytes);
            using var store = LatentStore.Open(folder);
            _ = (store.Read(0), store.RowOf(0));
            Action read = name.EndsWith("parquet", StringComparison.Ordinal) ? () => store.RowOf(7) : () => store.Read(7);
            var e = Assert.Throws<InvalidDataException>(read);
            Assert.Contains(Path.GetFileName(name), e.Message, StringComparison.Ordinal);
            Assert.Contains("is damaged", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void As_a_data_view_it_has_latents_samples_and_texts()
    {
        var folder = WrittenStore.Write(_folder.At("store"), flip: true);
        var context = new MLContext(seed: 0);
        var encoded = WrittenStore.Encoded(20, 6).ToList();

        var means = context.Data.LoadLatents(folder);
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 2, 2, 4), means.Schema["Latent"].Type);
        Assert.Equal(encoded.Select(s => WrittenStore.Moments(s, Length)[..(Length / 2)]), means.GetColumn<float[]>("Latent"));
        Assert.Equal(encoded.Select(WrittenStore.Key), means.GetColumn<string>("Key"));
        Assert.Equal(encoded.Select(s => s % 2 == 0 ? "even" : ""), means.GetColumn<string>("Label"));
        Assert.Equal("a caption", means.GetColumn<string>("Caption").ElementAt(3));

        var scaled = context.Data.LoadLatents(folder, new LiteVaeLoadOptions { Scaled = true });
        Assert.Equal((0f - 0.5f) * 4, scaled.GetColumn<float[]>("Latent").First()[0]);
        var isScaled = false;
        scaled.Schema["Latent"].Annotations.GetValue(LatentAnnotations.IsScaled, ref isScaled);
        Assert.True(isScaled);

        var samples = context.Data.LoadLatents(folder, new LiteVaeLoadOptions { Output = LatentOutput.Sample, Seed = 5 }).GetColumn<float[]>("Latent").ToList();
        using var store = LatentStore.Open(folder);
        Assert.Equal(store.Read(4).Sample(0, 5, 4), samples[4]);

        var flipped = context.Data.LoadLatents(folder, new LiteVaeLoadOptions { Output = LatentOutput.Moments, Flipped = true }).GetColumn<float[]>("Latent").ToList();
        Assert.Equal(WrittenStore.Moments(encoded[2], Length).Select(value => -value), flipped[2]);
    }

    [Fact]
    public void Wrong_options_of_a_data_view_are_refused()
    {
        var folder = WrittenStore.Write(_folder.At("store"));
        var data = new MLContext().Data;
        Assert.Contains("moments are not scaled", Assert.Throws<ArgumentException>(() => data.LoadLatents(folder, new LiteVaeLoadOptions { Output = LatentOutput.Moments, Scaled = true })).Message, StringComparison.Ordinal);
        Assert.Contains("encode with --flip", Assert.Throws<InvalidOperationException>(() => data.LoadLatents(folder, new LiteVaeLoadOptions { Flipped = true })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_sizes_make_a_column_of_variable_size()
    {
        var rows = new MLContext().Data.LoadLatents(WrittenStore.Write(_folder.At("store"), sizes: [new(32, 16), new(32, 32)]));
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single), rows.Schema["Latent"].Type);
        Assert.Equal([16, 32], rows.GetColumn<float[]>("Latent").Select(latent => latent.Length).Distinct().Order());
    }
}
