using System.Formats.Tar;
using Google.Protobuf;
using LiteVae.Tests.Images;
using SkiaSharp;

namespace LiteVae.Tests.Latents.Writing;

public sealed class EncodeJobTests : IDisposable
{
    private static readonly ImageSize[] Buckets = [new(24, 24), new(32, 16), new(16, 32)];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_image_is_cropped_to_its_bucket_and_the_mirrored_one_is_its_mirror()
    {
        // The latent of the identity model is the picture, so that what enters the encoder can be read from the store.
        using var model = LiteVaeModel.Load(TinyModels.WriteIdentity(_folder.At("model")));
        (string Name, int Width, int Height)[] pictures = [("a", 60, 61), ("b", 90, 40), ("c", 33, 70), ("d", 50, 20)];
        foreach (var (name, width, height) in pictures)
        {
            Save($"{name}.png", Pictures.Gradient(width, height));
        }

        var result = new EncodeJob(model, Options() with { Sizes = Buckets, Flip = true, Dtype = SafetensorsType.F32, BatchSize = 3 }).Run();

        Assert.Equal(new EncodeResult(4, 1, 4, 4, 0, 0), result);
        foreach (var (bucket, names) in new[] { (Buckets[0], new[] { "a" }), (Buckets[1], ["b", "d"]), (Buckets[2], ["c"]) })
        {
            using var shard = LatentShard.Open(_folder.At($"store/shards/00000-{bucket}.safetensors"));
            Assert.Equal((6, bucket.Height, bucket.Width), (shard.Channels, shard.Height, shard.Width)); // three means, three log variances of a model without any
            foreach (var row in shard.ReadRows())
            {
                var (name, width, height) = pictures.Single(picture => $"{picture.Name}.png" == row.Key);
                Assert.Contains(name, names);
                Assert.Equal((width, height), (row.Width, row.Height));
                var plain = BicubicResizer.Fit(Pictures.Gradient(width, height), bucket.Width, bucket.Height, ResizePolicy.CenterCrop);
                var mirrored = Pictures.FromPixels(bucket.Width, bucket.Height, (x, y) => Pictures.At(plain, bucket.Width - 1 - x, y));
                Assert.Equal(Tensor(plain), Read(shard.ReadMoments, shard, row.Row));
                Assert.Equal(Tensor(mirrored), Read(shard.ReadFlippedMoments, shard, row.Row));

                // the box has the bucket's ratio to a pixel, lies in the picture, and spans one side of it
                Assert.Equal((double)bucket.Width / bucket.Height, row.CropWidth / row.CropHeight, 0.06);
                Assert.True(row.CropLeft >= 0 && row.CropTop >= 0 && row.CropLeft + row.CropWidth <= width + 1e-9 && row.CropTop + row.CropHeight <= height + 1e-9);
                Assert.True(Math.Abs(row.CropWidth - width) < 1e-9 || Math.Abs(row.CropHeight - height) < 1e-9);
            }
        }

        static float[] Tensor(RgbImage image)
        {
            var pixels = new PixelTensor(1, image.Height, image.Width);
            pixels.Set(0, image);
            return pixels.Data;
        }

        static float[] Read(ReadRow read, LatentShard shard, int row)
        {
            var moments = new float[shard.MomentsLength];
            read(row, moments);
            return moments[..(moments.Length / 2)];
        }
    }

    private delegate void ReadRow(int row, Span<float> moments);

    [Fact]
    public void Members_of_tar_files_are_encoded_from_their_place()
    {
        using var model = LiteVaeModel.Load(TinyModels.Write(_folder.At("model")));
        Save("plain/x.png", Pictures.Noise(16, 16));
        using (var tar = new TarWriter(File.Create(_folder.At("set.tar"))))
        {
            tar.WriteEntry(_folder.At("photos/plain/x.png"), "s1.png");
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "s1.cls") { DataStream = new MemoryStream("5"u8.ToArray()) });
        }

        new EncodeJob(model, Options() with { Inputs = [_folder.At("set.tar"), _folder.At("photos/plain/x.png")] }).Run();
        using var shard = LatentShard.Open(_folder.At("store/shards/00000.safetensors"));
        var rows = shard.ReadRows();
        Assert.Equal([("set/s1", "5", _folder.At("set.tar/s1.png")), ("x.png", null, _folder.At("photos/plain/x.png"))], rows.Select(row => (row.Key, row.Label, row.Source)));
        Assert.Equal(rows[0].SourceSha256, rows[1].SourceSha256);
        Assert.True(shard.MomentsBytes(0).SequenceEqual(shard.MomentsBytes(1)));
    }

    [Theory]
    [InlineData(1e5f, SafetensorsType.F16, "which does not fit F16: make the store in BF16 or F32 (--dtype bf16, --dtype f32)")]
    [InlineData(1e5f, SafetensorsType.BF16, null)]
    [InlineData(3e38f, SafetensorsType.F32, "its numbers overflow")]
    public void What_overflows_is_a_failure_of_that_image_alone(float red, SafetensorsType dtype, string? reason)
    {
        TinyModels.Write(_folder.At("model"));
        var encoder = TinyModels.Encoder();
        (encoder.Graph.Initializer[0].FloatData[0], encoder.Graph.Initializer[0].FloatData[1]) = (red, red); // of R and G in channel 0
        File.WriteAllBytes(TinyModels.EncoderPath(_folder.At("model")), encoder.ToByteArray());
        using var model = LiteVaeModel.Load(_folder.At("model"));
        Save("bright.png", Pictures.FromPixels(16, 16, (_, _) => (255, 255, 0)));
        Save("dim.png", Pictures.FromPixels(16, 16, (_, _) => (128, 128, 0)));

        var result = new EncodeJob(model, Options() with { Dtype = dtype }).Run();
        Assert.Equal(reason is null ? 0 : 1, result.TaskFailed);
        var failures = Failures();
        if (reason is not null)
        {
            Assert.Contains(reason, Assert.Single(failures).Reason, StringComparison.Ordinal);
            Assert.StartsWith("the encoder emits ", failures[0].Reason, StringComparison.Ordinal);
            Assert.Equal("bright.png", failures[0].Key);
        }
    }

    [Fact]
    public void Cancelled_it_keeps_complete_parts_says_so_and_leaves_nothing_else()
    {
        using var model = LiteVaeModel.Load(TinyModels.Write(_folder.At("model")));
        for (var i = 0; i < 40; i++)
        {
            Save($"{i:00}.png", Pictures.Noise(16, 16, i));
        }

        using var source = new CancellationTokenSource();
        var done = 0L;
        var progress = new Heard(value =>
        {
            done = value.Done;
            if (done == 25)
            {
                source.Cancel();
            }
        });
        var stopped = Assert.ThrowsAny<OperationCanceledException>(() => new EncodeJob(model, Options() with { ShardSize = 10 }).Run(progress, source.Token));
        Assert.Equal(2, Directory.GetFiles(_folder.At("store/shards"), "*.json").Length);
        Assert.Equal($"20 of 40 images are kept, those of complete parts; {done - 20} of the part in progress must be encoded again.", stopped.Message);
        Assert.Empty(Directory.GetFiles(_folder.At("store/shards"), AtomicFile.TemporaryPattern));
        Assert.False(File.Exists(_folder.At("store/dataset.json")));

        List<EncodeProgress> heard = [];
        var result = new EncodeJob(model, Options() with { ShardSize = 10 }).Run(new Heard(heard.Add));
        Assert.Equal((40, 0, true), (result.TaskImages, result.TaskFailed, result.IsComplete));
        Assert.Equal(result.Encoded, heard[^1].Done);
        Assert.Equal(heard[^1].Total, heard[^1].Done);
        Assert.True(result.Encoded < 40);
    }

    [Fact]
    public void What_killed_tasks_left_goes_and_what_others_are_at_stays()
    {
        using var model = LiteVaeModel.Load(TinyModels.Write(_folder.At("model")));
        Save("a.png", Pictures.Noise(16, 16));
        new EncodeJob(model, Options()).Plan();
        var old = _folder.Write("store/shards/.old.tmp", "");
        var young = _folder.Write("store/shards/.young.tmp", "");
        var written = _folder.Write("store/.written.tmp", "");
        var list = _folder.Write("store/sources-0123456789abcdef.jsonl", "");
        using var held = new FileStream(written, FileMode.Open, FileAccess.Write, FileShare.None);
        foreach (var path in new[] { old, written })
        {
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(-1));
        }

        new EncodeJob(model, Options()).Run();
        Assert.Equal([false, true, true, false], new[] { old, young, written, list }.Select(File.Exists));
    }

    [Fact]
    public void A_store_whose_files_do_not_fit_together_is_not_called_complete()
    {
        using var model = LiteVaeModel.Load(TinyModels.Write(_folder.At("model")));
        Save("a.png", Pictures.Noise(16, 16));
        Save("b.png", Pictures.Noise(16, 16));
        var first = new EncodeJob(model, Options() with { ShardSize = 1, Task = new(0, 2) });
        var second = new EncodeJob(model, Options() with { ShardSize = 1, Task = new(1, 2) });
        first.Run();
        File.Delete(_folder.At("store/shards/00000.parquet"));
        Assert.Contains("Delete " + _folder.At("store/shards/00000.json"), Assert.Throws<InvalidDataException>(() => second.Run()).Message, StringComparison.Ordinal);

        File.Delete(_folder.At("store/shards/00000.json"));
        Assert.False(first.Run().TaskImages != 1);
        Assert.True(File.Exists(_folder.At("store/dataset.json")));

        // another run's plan over the remains of this one
        File.Delete(_folder.At("store/plan.json"));
        File.Delete(_folder.At("store/dataset.json"));
        Save("c.png", Pictures.Noise(16, 16));
        Assert.Contains("the remains of another run", Assert.Throws<InvalidDataException>(() => first.Run()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_options_are_all_named_at_once()
    {
        var wrong = new EncodeJobOptions { Sizes = [], ShardSize = 0, BatchSize = 2000, Dtype = SafetensorsType.I64, Task = new(2, 2) };
        var message = Assert.Throws<ArgumentException>(wrong.Validate).Message;
        Assert.All(new[] { "Inputs", "Store", "Sizes has 0", "ShardSize is 0", "BatchSize is 2000", "Dtype is I64", "Task is 2/2" }, fault => Assert.Contains(fault, message, StringComparison.Ordinal));
    }

    private EncodeJobOptions Options() => new() { Inputs = [_folder.At("photos")], Store = _folder.At("store"), Sizes = [new(16, 16)] };

    private void Save(string relative, RgbImage image)
    {
        var path = _folder.At($"photos/{relative}");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, Pictures.Encode(image, SKEncodedImageFormat.Png));
    }

    private IReadOnlyList<LatentFailure> Failures()
    {
        using var table = File.OpenRead(_folder.At("store/failures.parquet"));
        return FailureTable.Read(table, "failures");
    }

    private sealed class Heard(Action<EncodeProgress> hear) : IProgress<EncodeProgress>
    {
        public void Report(EncodeProgress value) => hear(value);
    }
}
