using LiteVae.Tests.Images;
using Microsoft.ML;
using Microsoft.ML.Data;
using SkiaSharp;

namespace LiteVae.Tests.Transforms;

/// <summary>A data view fills a store as a folder does.</summary>
public sealed class SaveLatentsTests : IDisposable
{
    private const int Photos = 11;

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _context = new();

    public SaveLatentsTests() => TinyModels.WriteIdentity(_folder.At("model"));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(nameof(Photo.Path))]
    [InlineData(nameof(Photo.Bytes))]
    public void The_shards_are_those_that_encoding_the_files_gives(string column)
    {
        var rows = Rows();
        Encode();
        var result = Save(rows, Options(column));

        Assert.Equal(new EncodeResult(Photos, 3, Photos, Photos, 0, 0), result);
        Assert.Empty(StoreVerification.Run(_folder.At("store")).Faults);
        foreach (var path in Directory.GetFiles(_folder.At("reference/shards"), "*.safetensors"))
        {
            Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(_folder.At($"store/shards/{Path.GetFileName(path)}")));
            var (expected, found) = (ReadRows(path), ReadRows(_folder.At($"store/shards/{Path.GetFileName(path)}")));
            Assert.Equal(expected.Select(row => row with { Source = "", Caption = null }), found.Select(row => row with { Source = "", Label = null, Caption = null }));
            if (column == nameof(Photo.Path))
            {
                Assert.Equal(expected.Select(row => row.Source), found.Select(row => row.Source));
            }
        }

        using var store = LatentStore.Open(_folder.At("store"));
        Assert.Equal(("True", "picture 3"), (store.RowOf(3).Label, store.RowOf(3).Caption));
    }

    [Fact]
    public void Images_of_a_pipeline_are_taken_as_they_are()
    {
        // grey by ML.NET, so that what is encoded is what the pipeline made and not the file
        var pipeline = _context.Transforms.LoadImages("Loaded", "", nameof(Photo.Path)).Append(_context.Transforms.ConvertToGrayscale("Grey", "Loaded"));
        var rows = _context.Data.LoadFromEnumerable(Rows());
        Save(pipeline.Fit(rows).Transform(rows), Options("Grey") with { Sizes = [new(16, 16)] });

        using var store = LatentStore.Open(_folder.At("store"));
        Assert.Equal(Photos, store.Count);
        var mean = store.Read(4).Mean(0).ToArray();
        Assert.Equal(mean[..256], mean[256..512]); // red and green of a grey picture
        Assert.NotEqual(mean[0], mean[1]);
        Assert.Equal("row 4", store.RowOf(4).Source);
        Assert.DoesNotContain("EXIF", StorePlan.Read(_folder.At("store/plan.json")).Plan.Settings.Preprocessing, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_key_column_rows_are_numbered_and_bad_ones_recorded()
    {
        var rows = Rows();
        rows[2].Path = _folder.At("photos/none.png");
        rows[5].Path = "";
        List<EncodeProgress> heard = [];
        var result = Save(rows, Options(nameof(Photo.Path)) with { KeyColumn = null }, new Heard(heard.Add));
        Assert.Equal((Photos - 2, 2), (result.TaskImages, result.TaskFailed));
        Assert.Equal(["0000000002", "0000000005"], heard.Where(value => value.Failure is not null).Select(value => value.Failure!.Key));
        Assert.Equal((Photos, 0), (heard.Max(value => value.Found), heard[^1].Total - heard[^1].Done));
        var failures = Failures();
        Assert.Contains("there is no such image file", failures["0000000002"], StringComparison.Ordinal);
        Assert.Contains("there is no path in the column 'Path'", failures["0000000005"], StringComparison.Ordinal);
        Assert.Throws<EncodingException>(() => Save(rows, Options(nameof(Photo.Path)) with { StopOnFailure = true, Flip = true }, store: "stopped"));
    }

    [Fact]
    public void Of_rows_with_one_key_the_first_is_taken_wherever_they_are()
    {
        var rows = Rows();
        (rows[1].Key, rows[7].Key, rows[8].Key) = ("twice", "twice", "");
        Assert.Equal((Photos - 2, 2), (Save(rows, Options(nameof(Photo.Path))) is var result ? result.TaskImages : 0, result.TaskFailed));
        var failures = Failures();
        Assert.Equal("the key twice is also that of row 1", failures["twice"]);
        Assert.Equal("there is no key in the column 'Key'", failures["row 8"]);
    }

    [Fact]
    public void Interrupted_it_goes_on_and_reads_no_image_again_that_it_has()
    {
        var rows = Rows();
        Save(rows, Options(nameof(Photo.Bytes)), store: "whole");
        Array.ForEach(rows, row => row.Reads = 0);
        using var stop = new CancellationTokenSource();
        var heard = new Heard(value =>
        {
            if (File.Exists(_folder.At("store/shards/00000.json")))
            {
                stop.Cancel();
            }
        });
        Assert.ThrowsAny<OperationCanceledException>(() => Save(rows, Options(nameof(Photo.Bytes)) with { BatchSize = 1 }, heard, cancellation: stop.Token));
        Assert.False(File.Exists(_folder.At("store/dataset.json")));

        var complete = Directory.GetFiles(_folder.At("store/shards"), "*.json").Length;
        Array.ForEach(rows, row => row.Reads = 0);
        Save(rows, Options(nameof(Photo.Bytes)));
        Assert.All(rows.Take(4 * complete), row => Assert.Equal(0, row.Reads));
        Assert.All(rows.Skip(4 * complete), row => Assert.Equal(1, row.Reads));
        Assert.Equal(StoreDigest.Of(_folder.At("whole")), StoreDigest.Of(_folder.At("store")));
    }

    [Fact]
    public void Rows_that_change_are_refused()
    {
        var rows = Rows();
        var changing = _context.Data.LoadFromEnumerable(Changing(rows));
        Assert.Contains("Row 6 was 06.png when the store was planned; now its key is other", Assert.Throws<InvalidDataException>(() => Save(changing, Options(nameof(Photo.Path)))).Message, StringComparison.Ordinal);
        Assert.Contains("The rows are others", Assert.Throws<InvalidDataException>(() => Save(rows[1..], Options(nameof(Photo.Path)))).Message, StringComparison.Ordinal);
        Assert.Contains("flip is false in the store and true in this run", Assert.Throws<InvalidDataException>(() => Save(rows, Options(nameof(Photo.Path)) with { Flip = true })).Message, StringComparison.Ordinal);
        Assert.Contains("no rows", Assert.Throws<InvalidDataException>(() => Save(rows[..0], Options(nameof(Photo.Path)), store: "empty")).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Root, AtomicFile.TemporaryPattern, SearchOption.AllDirectories));

        static IEnumerable<Photo> Changing(Photo[] rows)
        {
            // keys are read twice; at the third reading, that of the images, one is another
            foreach (var (i, row) in rows.Index())
            {
                yield return i == 6 && ++row.Reads == 3 ? new Photo { Path = row.Path, Key = "other" } : row;
            }
        }
    }

    [Fact]
    public void Columns_that_cannot_be_used_are_named()
    {
        var rows = Rows();
        Assert.Contains("no input column 'Picture'", Assert.Throws<ArgumentOutOfRangeException>(() => Save(rows, Options("Picture"))).Message, StringComparison.Ordinal);
        Assert.Contains("named as KeyColumn", Assert.Throws<ArgumentOutOfRangeException>(() => Save(rows, Options(nameof(Photo.Path)) with { KeyColumn = nameof(Photo.Bytes) })).Message, StringComparison.Ordinal);
        Assert.Contains("A size is 0x16", Assert.Throws<ArgumentException>(() => Save(rows, Options(nameof(Photo.Path)) with { Sizes = [new(0, 16)] })).Message, StringComparison.Ordinal);
        Assert.Contains("LabelColumn is empty", Assert.Throws<ArgumentException>(() => Save(rows, Options(nameof(Photo.Path)) with { LabelColumn = "" })).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.At("store")));
    }

    private void Encode()
    {
        using var model = LiteVaeModel.Load(_folder.At("model"));
        new EncodeJob(model, new EncodeJobOptions { Inputs = [_folder.At("photos")], Store = _folder.At("reference"), Sizes = Options("").Sizes, ShardSize = 4 }).Run();
    }

    private EncodeResult Save(Photo[] rows, LiteVaeSaveOptions options, IProgress<EncodeProgress>? progress = null, string store = "store", CancellationToken cancellation = default) =>
        Save(_context.Data.LoadFromEnumerable(rows), options, progress, store, cancellation);

    private EncodeResult Save(IDataView rows, LiteVaeSaveOptions options, IProgress<EncodeProgress>? progress = null, string store = "store", CancellationToken cancellation = default) =>
        _context.Data.SaveLatents(rows, _folder.At(store), options, progress, cancellation);

    private LiteVaeSaveOptions Options(string column) => new()
    {
        ImageColumn = column, KeyColumn = nameof(Photo.Key), LabelColumn = nameof(Photo.IsEven), CaptionColumn = nameof(Photo.Text),
        Model = _folder.At("model"), Sizes = [new(24, 24), new(32, 16)], ShardSize = 4, BatchSize = 3,
    };

    private Photo[] Rows()
    {
        Directory.CreateDirectory(_folder.At("photos"));
        return [.. Enumerable.Range(0, Photos).Select(i =>
        {
            var path = _folder.At($"photos/{i:00}.png");
            File.WriteAllBytes(path, Pictures.Encode(Pictures.Noise(20 + (15 * (i % 2)), 20, i), SKEncodedImageFormat.Png));
            return new Photo { Path = path, Key = $"{i:00}.png", IsEven = i % 2 == 1, Text = $"picture {i}" };
        })];
    }

    private Dictionary<string, string> Failures()
    {
        using var table = File.OpenRead(_folder.At("store/failures.parquet"));
        return FailureTable.Read(table, "failures").ToDictionary(failure => failure.Key, failure => failure.Reason);
    }

    private static IReadOnlyList<LiteVae.LatentRow> ReadRows(string path)
    {
        using var shard = LatentShard.Open(path);
        return shard.ReadRows();
    }

    private sealed class Photo
    {
        public string Path { get; set; } = "";

        public string Key { get; set; } = "";

        public bool IsEven { get; set; }

        public string Text { get; set; } = "";

        [NoColumn]
        public int Reads { get; set; }

        /// <summary>The file; counts how often it is asked for.</summary>
        public byte[] Bytes
        {
            get
            {
                Reads++;
                return File.ReadAllBytes(Path);
            }
        }
    }

    private sealed class Heard(Action<EncodeProgress> hear) : IProgress<EncodeProgress>
    {
        public void Report(EncodeProgress value) => hear(value);
    }
}
