namespace LiteVae.Tests.Latents.Store;

/// <summary>Stores small enough to be written down.</summary>
internal static class TinyStores
{
    public static readonly string Hash = new('a', 64);

    public static StoreSettings Settings(SafetensorsType dtype = SafetensorsType.F16, bool flip = false, params ImageSize[] sizes) => new(
        Hash, TinyModels.Config.Name, TinyModels.Config, dtype, flip, sizes.Length == 0 ? [new ImageSize(16, 8)] : sizes, StoreSettings.ThisPreprocessing, ["/photos"], "columns", 4);

    public static StorePlan Plan(StoreSettings? settings = null, int sources = 6) => new(StorePlan.CurrentFormat, settings ?? Settings(), sources, (sources + 3) / 4, Hash, [.. Enumerable.Range(0, ((sources + 3) / 4) + 1).Select(i => 100L * i)]);

    public static LatentRow Row(int row) => new($"a/{row}.jpg", $"/photos/a/{row}.jpg", Hash, 640, 480, 0, 80.5, 640, 320, row, row % 2 == 0 ? null : "cat", row == 2 ? "a \"grey\" cat,\nsleeping ü" : null);

    /// <summary>Writes a shard of the settings' first size whose moments are counted up from 0, and the flipped ones down.</summary>
    public static string WriteShard(string folder, StoreSettings settings, int rows)
    {
        var size = settings.Sizes[0];
        var (channels, height, width) = settings.MomentsShape(size);
        var path = Path.Combine(folder, settings.ShardName(0, size) + StorePaths.TensorsExtension);
        List<StreamedTensor> tensors = [Tensor(LatentShard.Moments, 1)];
        if (settings.Flip)
        {
            tensors.Add(Tensor(LatentShard.FlippedMoments, -1));
        }

        AtomicFile.Write(path, stream => SafetensorsWriter.Write(stream, tensors, new Dictionary<string, string>
        {
            [LatentShard.FormatNote] = LatentShard.Format,
            [LatentShard.EncoderNote] = settings.EncoderSha256,
            [LatentShard.PartNote] = "0",
        }));
        AtomicFile.Write(Path.ChangeExtension(path, StorePaths.RowsExtension), stream => RowTable.Write(stream, Enumerable.Range(0, rows).Select(Row)));
        return path;

        StreamedTensor Tensor(string name, int sign) => new(name, settings.Dtype, [rows, channels, height, width], stream =>
        {
            var values = Enumerable.Range(0, rows * channels * height * width).Select(i => (float)(sign * i)).ToArray();
            var bytes = new byte[values.Length * settings.Dtype.Size()];
            Assert.Equal(-1, MomentsType.Round(values, settings.Dtype, bytes));
            stream.Write(bytes);
        });
    }
}
