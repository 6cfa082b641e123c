using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using LiteVae.Tests.Shared;

namespace LiteVae.Tests.Latents;

/// <summary>Every layout, read back by Python with NumPy.</summary>
public sealed class LatentExportTests : IDisposable
{
    private const int Length = 2 * 2 * 4; // a latent of an image of 32 x 16

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void LightningDit_has_latents_mirrored_latents_and_labels()
    {
        using var store = LatentStore.Open(WrittenStore.Write(_folder.At("store"), flip: true));
        LatentExport.Run(store, _folder.At("out"), LatentExportFormat.LightningDit);
        var file = Assert.Single(ReadBack(_folder.At("out"))).Value;
        var encoded = WrittenStore.Encoded(20, 6).ToList();
        Assert.Equal(["labels", "latents", "latents_flip"], file.Keys.Order());
        AssertArray(file["latents"], "<f4", [encoded.Count, 2, 2, 4], encoded.SelectMany(Mean));
        AssertArray(file["latents_flip"], "<f4", [encoded.Count, 2, 2, 4], encoded.SelectMany(Mean).Select(value => -value));
        AssertArray(file["labels"], "<i8", [encoded.Count], encoded.Select(s => s % 2 == 0 ? 1f : 0f)); // "" before "even"
        Assert.Equal(1, JsonDocument.Parse(File.ReadAllText(_folder.At("out/classes.json"))).RootElement.GetProperty("even").GetInt32());
    }

    [Fact]
    public void LightningDit_says_what_a_store_lacks()
    {
        using var plain = LatentStore.Open(WrittenStore.Write(_folder.At("plain")));
        Assert.Contains("encode with --flip", Assert.Throws<InvalidOperationException>(() => LatentExport.Run(plain, _folder.At("out"), LatentExportFormat.LightningDit)).Message, StringComparison.Ordinal);
        using var sizes = LatentStore.Open(WrittenStore.Write(_folder.At("sizes"), flip: true, sizes: [new(32, 16), new(16, 32)]));
        Assert.Contains("images of one size; the store has 2", Assert.Throws<InvalidOperationException>(() => LatentExport.Run(sizes, _folder.At("out"), LatentExportFormat.LightningDit)).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.At("out")));
    }

    [Fact]
    public void A_web_dataset_has_a_tar_a_shard_with_all_that_is_known()
    {
        using var store = LatentStore.Open(WrittenStore.Write(_folder.At("store"), type: SafetensorsType.F16));
        LatentExport.Run(store, _folder.At("out"), LatentExportFormat.WebDataset, new LatentExportOptions { Scaled = true });
        var tars = ReadBack(_folder.At("out"));
        Assert.Equal(["00000.tar", "00001.tar", "00002.tar", "00003.tar"], tars.Keys);
        var members = tars["00000.tar"];
        AssertArray(members["0000000003.latent.npy"], "<f4", [2, 2, 4], Mean(3).Select(value => ((float)(Half)value - 0.5f) * 4));
        Assert.Equal("a caption", members["0000000003.txt"].GetString());
        Assert.Equal("even", members["0000000002.cls"].GetString());
        Assert.DoesNotContain("0000000003.cls", members.Keys);
        Assert.Equal("0003.jpg", JsonDocument.Parse(members["0000000003.json"].GetString()!).RootElement.GetProperty("key").GetString());
    }

    [Fact]
    public void Npy_has_a_file_an_image_and_an_index()
    {
        using var store = LatentStore.Open(WrittenStore.Write(_folder.At("store"), flip: true, sizes: [new(32, 16), new(16, 32)]));
        LatentExport.Run(store, _folder.At("out"), LatentExportFormat.Npy, new LatentExportOptions { SampleSeed = 9 });
        var files = ReadBack(_folder.At("out"));
        var lines = File.ReadAllLines(_folder.At("out/index.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(2 * store.Count, files.Count);
        Assert.Equal(store.Count, lines.Count);
        for (var image = 0; image < store.Count; image++)
        {
            Assert.Equal(store.RowOf(image).Key, lines[image].GetProperty("key").GetString());
            var posterior = store.Read(image);
            AssertArray(files[lines[image].GetProperty("file").GetString()!][""], "<f4", [2, posterior.Height, posterior.Width], posterior.Sample(0, 9, (UInt128)image));
        }
    }

    [Fact]
    public void Kohya_has_a_file_where_the_image_would_be()
    {
        using var store = LatentStore.Open(WrittenStore.Write(_folder.At("store"), flip: true));
        LatentExport.Run(store, _folder.At("out"), LatentExportFormat.Kohya);
        var files = ReadBack(_folder.At("out"));
        Assert.Equal(store.Count, files.Count);
        var file = files["0008_0640x0320_sd.npz"]; // the size of the image file
        Assert.Equal(["crop_ltrb", "latents", "latents_flipped", "original_size"], file.Keys.Order());
        AssertArray(file["latents"], "<f4", [2, 2, 4], Mean(8));
        AssertArray(file["latents_flipped"], "<f4", [2, 2, 4], Mean(8).Select(value => -value));
        AssertArray(file["original_size"], "<i8", [2], [640, 320]);
        AssertArray(file["crop_ltrb"], "<f8", [4], [0, 0, 32, 16]); // the bucket is of the image's shape
    }

    [Theory]
    [InlineData(640, 320)]
    [InlineData(500, 333)]
    [InlineData(333, 500)]
    [InlineData(64, 64)]
    [InlineData(4000, 17)]
    [InlineData(17, 4000)]
    public void Kohya_crop_is_the_whole_image_fitted_into_the_bucket_in_pixels_of_the_bucket(int width, int height)
    {
        ImageSize[] buckets = [new(32, 16), new(16, 32)];
        using var store = LatentStore.Open(WrittenStore.Write(_folder.At("store"), image: _ => new ImageSize(width, height), sizes: buckets));
        LatentExport.Run(store, _folder.At("out"), LatentExportFormat.Kohya);
        var files = ReadBack(_folder.At("out"));
        foreach (var (bucket, key) in new[] { (buckets[0], "0000"), (buckets[1], "0001") })
        {
            // In fractions of integers: the longer side, measured by the bucket's, fills it; the other one is centred, its first edge rounded down.
            var fillsWidth = bucket.Width * height <= bucket.Height * width;
            var (left, top) = fillsWidth ? (0, FloorHalf((bucket.Height * width) - (bucket.Width * height), width)) : (FloorHalf((bucket.Width * height) - (bucket.Height * width), height), 0);
            var right = fillsWidth ? bucket.Width : left + ((double)(bucket.Height * width) / height);
            var bottom = fillsWidth ? top + ((double)(bucket.Width * height) / width) : bucket.Height;
            var found = files[$"{key}_{width:D4}x{height:D4}_sd.npz"]["crop_ltrb"].GetProperty("values").EnumerateArray().Select(value => value.GetDouble()).ToList();
            Assert.Equal([left, top, right, bottom], found, (a, b) => Math.Abs(a - b) < 1e-9);

            // what sd-scripts make of it for the mirrored image: the left edge, from the bucket's other side, as far off as the right one
            Assert.InRange(bucket.Width - found[2], 0, bucket.Width);
        }

        static int FloorHalf(int numerator, int denominator) => numerator / (2 * denominator);
    }

    [Fact]
    public void Kohya_names_all_keys_that_are_in_the_way_before_anything_is_written()
    {
        string[] keys = ["../evil", "/etc/evil", "a//b.jpg", "dup.jpg", "dup.png", "good.jpg", "failed.jpg", new string('k', 300), "nul\0.jpg"];
        using var store = LatentStore.Open(WrittenStore.Write(_folder.At("store"), sources: keys.Length, key: s => keys[s]));
        var message = Assert.Throws<InvalidOperationException>(() => LatentExport.Run(store, _folder.At("out"), LatentExportFormat.Kohya)).Message;
        Assert.Contains("6 of 8 keys", message, StringComparison.Ordinal);
        Assert.Contains("'../evil' has an empty name, '.' or '..' between its slashes", message, StringComparison.Ordinal);
        Assert.Contains("'dup.png' and 'dup.jpg' differ in the extension alone", message, StringComparison.Ordinal);
        Assert.Contains("gives a name of 317 bytes", message, StringComparison.Ordinal);
        Assert.EndsWith("; and 1 more. Nothing was written. Encode these images under other keys, or export in another format: there files have numbers.", message, StringComparison.Ordinal);
        Assert.DoesNotContain("good", message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.At("out")));
        Assert.False(File.Exists(_folder.At("evil_0640x0320_sd.npz")));
    }

    [Theory]
    [InlineData(LatentExportFormat.LightningDit, 2)]
    [InlineData(LatentExportFormat.WebDataset, 1)]
    [InlineData(LatentExportFormat.Npy, 9)]
    public void The_other_layouts_number_their_files_and_take_any_key(LatentExportFormat format, int files)
    {
        string[] keys = ["../evil", "dup.jpg", "dup.png", new string('k', 300)];
        using var store = LatentStore.Open(WrittenStore.Write(_folder.At("store"), sources: keys.Length, flip: true, key: s => keys[s]));
        LatentExport.Run(store, _folder.At("out/in"), format);
        Assert.Equal(files, Directory.GetFiles(_folder.At("out"), "*", SearchOption.AllDirectories).Length);
        Assert.Single(Directory.GetFileSystemEntries(_folder.At("out"))); // nothing beside it
    }

    [Theory]
    [InlineData(LatentExportFormat.LightningDit)]
    [InlineData(LatentExportFormat.WebDataset)]
    [InlineData(LatentExportFormat.Npy)]
    [InlineData(LatentExportFormat.Kohya)]
    public void The_same_store_gives_the_same_bytes_and_never_into_a_folder_in_use(LatentExportFormat format)
    {
        using var store = LatentStore.Open(WrittenStore.Write(_folder.At("store"), flip: true));
        LatentExport.Run(store, _folder.At("one"), format);
        LatentExport.Run(store, _folder.At("two"), format);
        Assert.Equal(Digest("one"), Digest("two"));
        Assert.Contains("is not empty", Assert.Throws<IOException>(() => LatentExport.Run(store, _folder.At("one"), format)).Message, StringComparison.Ordinal);

        string Digest(string folder) => string.Join("\n", Directory.EnumerateFiles(_folder.At(folder), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => $"{Path.GetRelativePath(_folder.At(folder), path)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))}"));
    }

    private static float[] Mean(int source) => WrittenStore.Moments(source, 2 * Length)[..Length];

    private static void AssertArray(JsonElement found, string type, int[] shape, IEnumerable<float> values)
    {
        Assert.Equal(type, found.GetProperty("type").GetString());
        Assert.Equal(shape, found.GetProperty("shape").EnumerateArray().Select(side => side.GetInt32()));
        Assert.Equal(values, found.GetProperty("values").EnumerateArray().Select(value => value.GetSingle()));
    }

    private static SortedDictionary<string, Dictionary<string, JsonElement>> ReadBack(string folder)
    {
        var reader = Path.Combine(SharedData.Repository, "tests", "LiteVae.MLNet.Tests", "Latents", "Store", "read_export.py");
        foreach (var python in new[] { "python3", "/usr/bin/python3" })
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(python, ["-B", reader, folder]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
                var error = process.StandardError.ReadToEndAsync();
                var output = process.StandardOutput.ReadToEnd();
                process.WaitForExit();
                if (process.ExitCode == 0)
                {
                    return new(JsonSerializer.Deserialize<Dictionary<string, Dictionary<string, JsonElement>>>(output)!, StringComparer.Ordinal);
                }

                Assert.True(error.Result.Contains("No module named 'numpy'", StringComparison.Ordinal), error.Result);
            }
            catch (Win32Exception)
            {
                // no such Python
            }
        }

        Assert.Skip("needs python3 with NumPy, whose reading shares no code with our writing");
        throw new UnreachableException();
    }
}
