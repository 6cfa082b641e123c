using LiteVae.Tests;
using LiteVae.Tests.Latents;
using TorchSharp;

namespace LiteVae.Training.Tests.Data;

[Collection(nameof(Estimator.AloneWithTorch))] // it counts all tensors that there are
public sealed class LatentBatchesTests : TorchTest
{
    private const int Length = 4 * 2 * 4; // moments of an image of 32 x 16

    private readonly TemporaryFolder _folder = new();

    public override void Dispose()
    {
        base.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(SafetensorsType.F32, 0)]
    [InlineData(SafetensorsType.F16, 0.02)]
    [InlineData(SafetensorsType.BF16, 0.2)]
    public void An_epoch_has_every_image_once_with_its_moments(SafetensorsType type, double tolerance)
    {
        using var store = LatentStore.Open(WrittenStore.Write(_folder.At("store"), sources: 50, type: type));
        var encoded = WrittenStore.Encoded(50, 6).ToList();
        var batches = Read(store, new LatentBatchOptions { BatchSize = 8, Output = LatentOutput.Moments });
        Assert.Equal(Enumerable.Range(0, encoded.Count).Select(image => (long)image), batches.SelectMany(batch => batch.Images).Order());
        Assert.Equal([8, 8, 8, 8, 8, 3], batches.Select(batch => batch.Images.Count));
        foreach (var (images, values) in batches)
        {
            var expected = images.SelectMany(image => WrittenStore.Moments(encoded[(int)image], Length));
            Assert.All(expected.Zip(values), pair => Assert.Equal(pair.First, pair.Second, tolerance));
        }
    }

    [Fact]
    public void Means_are_scaled_and_samples_are_about_them()
    {
        using var store = LatentStore.Open(WrittenStore.Write(_folder.At("store")));
        var means = Read(store, new LatentBatchOptions { Output = LatentOutput.Mean });
        var encoded = WrittenStore.Encoded(20, 6).ToList();
        var expected = means[0].Images.SelectMany(image => WrittenStore.Moments(encoded[(int)image], Length)[..(Length / 2)]).Select(value => (value - 0.5f) * 4);
        Assert.All(expected.Zip(means[0].Values), pair => Assert.Equal(pair.First, pair.Second, 1e-4));

        // the log variances are those of the moments' second half: e^(s/2), up to e^9.5
        var options = new LatentBatchOptions { Scaled = false, Seed = 3 };
        var (first, second, other) = (Read(store, options), Read(store, options), Read(store, options, epoch: 1));
        Assert.Equal(first[0].Images, second[0].Images);
        Assert.Equal(first[0].Values, second[0].Values);
        Assert.NotEqual(first[0].Images, other[0].Images);
        var standard = first[0].Images.SelectMany((image, place) => Enumerable.Range(0, Length / 2).Select(i =>
        {
            var moments = WrittenStore.Moments(encoded[(int)image], Length);
            return (first[0].Values[(place * Length / 2) + i] - moments[i]) / Math.Exp(0.5 * moments[(Length / 2) + i]);
        })).ToList();
        Assert.InRange(standard.Average(), -0.25, 0.25);
        Assert.InRange(standard.Average(value => value * value), 0.75, 1.25); // of 288 draws
    }

    [Fact]
    public void A_sample_depends_on_its_image_and_not_on_its_batch()
    {
        using var store = LatentStore.Open(WrittenStore.Write(_folder.At("store"), sources: 50));
        var (small, large) = (Samples(3), Samples(16));
        Assert.Equal(store.Count, small.Count);
        Assert.Equal(small, large);

        Dictionary<long, string> Samples(int batch) =>
            Read(store, new LatentBatchOptions { BatchSize = batch }).SelectMany(read => read.Images.Select((image, i) => (image, read.Values.Skip(i * Length / 2).Take(Length / 2))))
                .ToDictionary(sample => sample.image, sample => string.Join(' ', sample.Item2));
    }

    [Fact]
    public void Half_of_the_images_are_mirrored_and_another_half_in_another_epoch()
    {
        using var store = LatentStore.Open(WrittenStore.Write(_folder.At("store"), sources: 400, shardSize: 50, flip: true));
        var options = new LatentBatchOptions { Output = LatentOutput.Moments, Flip = true, BatchSize = 1 };
        var (first, second) = (Flipped(0), Flipped(1));
        Assert.InRange(first.Count, 130, 210); // of 343
        Assert.InRange(first.Intersect(second).Count(), 50, 125);

        List<long> Flipped(int epoch) => [.. Read(store, options, epoch).Where(batch => batch.Values[1] < 0).Select(batch => batch.Images[0])];
    }

    [Fact]
    public void Batches_hold_images_of_one_size()
    {
        using var store = LatentStore.Open(WrittenStore.Write(_folder.At("store"), sources: 50, sizes: [new(32, 16), new(16, 32)]));
        var batches = new LatentBatches(store, new LatentBatchOptions { BatchSize = 4 }).Epoch().ToList();
        Assert.All(batches, batch => Assert.Single(batch.Images.Select(store.SizeOf).Distinct()));
        Assert.All(batches, batch => Assert.Equal(store.SizeOf(batch.Images[0]).Width / 8, batch.Latents.shape[3]));
        Assert.Equal(store.Count, batches.Sum(batch => batch.Images.Count));
        batches.ForEach(batch => batch.Latents.Dispose());
    }

    [Fact]
    public void Who_leaves_early_leaves_no_tensor_and_no_open_file_behind()
    {
        var folder = WrittenStore.Write(_folder.At("store"), sources: 200);
        var before = torch.Tensor.TotalCount; // of all threads: batches are loaded on another one
        using (var store = LatentStore.Open(folder))
        {
            foreach (var batch in new LatentBatches(store, new LatentBatchOptions { BatchSize = 4 }).Epoch())
            {
                batch.Latents.Dispose();
                break;
            }
        }

        Assert.Equal(before, torch.Tensor.TotalCount);
        Assert.DoesNotContain(folder, File.ReadAllText("/proc/self/maps"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_file_and_wrong_options_are_named()
    {
        var folder = WrittenStore.Write(_folder.At("store"));
        using var store = LatentStore.Open(folder);
        Assert.Contains("BatchSize is 0", Assert.Throws<ArgumentException>(() => new LatentBatches(store, new LatentBatchOptions { BatchSize = 0 })).Message, StringComparison.Ordinal);
        Assert.Contains("encode with --flip", Assert.Throws<InvalidOperationException>(() => new LatentBatches(store, new LatentBatchOptions { Flip = true })).Message, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(folder, "shards/00002.safetensors"), "no tensors");
        var before = torch.Tensor.TotalCount;
        Assert.Contains("00002.safetensors", Assert.Throws<InvalidDataException>(() => Read(store, new LatentBatchOptions { BatchSize = 2, ShardsAtOnce = 1 })).Message, StringComparison.Ordinal);
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    private static List<(IReadOnlyList<long> Images, float[] Values)> Read(LatentStore store, LatentBatchOptions options, int epoch = 0)
    {
        var all = new List<(IReadOnlyList<long>, float[])>();
        foreach (var batch in new LatentBatches(store, options).Epoch(epoch))
        {
            using var latents = batch.Latents;
            all.Add((batch.Images, latents.data<float>().ToArray()));
        }

        return all;
    }
}
