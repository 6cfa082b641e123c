namespace LiteVae.Tests.Latents.Store;

public sealed class LatentShardTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(SafetensorsType.F16, true)]
    [InlineData(SafetensorsType.BF16, false)]
    [InlineData(SafetensorsType.F32, true)]
    public void Moments_of_a_row_come_back_as_floats(SafetensorsType dtype, bool flip)
    {
        var settings = TinyStores.Settings(dtype, flip);
        using var shard = LatentShard.Open(TinyStores.WriteShard(_folder.Root, settings, rows: 3), settings);

        Assert.Equal((3, 4, 1, 2, dtype, flip), (shard.Count, shard.Channels, shard.Height, shard.Width, shard.Dtype, shard.HasFlipped));
        var moments = new float[shard.MomentsLength];
        shard.ReadMoments(2, moments);
        Assert.Equal([16, 17, 18, 19, 20, 21, 22, 23], moments);
        if (flip)
        {
            shard.ReadFlippedMoments(1, moments);
            Assert.Equal([-8, -9, -10, -11, -12, -13, -14, -15], moments);
        }
        else
        {
            Assert.Contains("without flips", Assert.Throws<InvalidOperationException>(() => shard.ReadFlippedMoments(1, moments)).Message, StringComparison.Ordinal);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => shard.ReadMoments(3, moments));
        Assert.Throws<ArgumentException>(() => shard.ReadMoments(0, new float[7]));
        Assert.Equal(Enumerable.Range(0, 3).Select(TinyStores.Row), shard.ReadRows());
    }

    [Fact]
    public void A_shard_of_another_encoder_or_kind_is_refused_with_both_values()
    {
        var settings = TinyStores.Settings();
        var path = TinyStores.WriteShard(_folder.Root, settings, rows: 1);
        Refused(settings with { EncoderSha256 = new string('b', 64) }, $"the encoder '{TinyStores.Hash}', the store by {new string('b', 64)}");
        Refused(settings with { Dtype = SafetensorsType.F32 }, "element type");
        Refused(settings with { Flip = true }, "flipped");

        SafetensorsWriter.Write(path, [SafetensorsTensor.FromFloats("moments", [1, 4, 1, 2], new float[8])], new Dictionary<string, string> { ["format"] = "litevae-latents-2" });
        Refused(settings, "'litevae-latents-2'; this version of LiteVae.MLNet reads litevae-latents-1");
        SafetensorsWriter.Write(path, [SafetensorsTensor.FromFloats("moments", [8], new float[8])], new Dictionary<string, string> { ["format"] = "litevae-latents-1" });
        Assert.Contains("shape [8]", Assert.Throws<InvalidDataException>(() => LatentShard.Open(path)).Message, StringComparison.Ordinal);

        void Refused(StoreSettings wanted, string message) => Assert.Contains(message, Assert.Throws<InvalidDataException>(() => LatentShard.Open(path, wanted)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_that_is_not_the_manifests_is_refused_before_it_is_read()
    {
        var path = TinyStores.WriteShard(_folder.Root, TinyStores.Settings(), rows: 2);
        var table = Path.ChangeExtension(path, ".parquet");
        var hash = SourceList.Sha256Of(table);
        using var shard = LatentShard.Open(path);
        Assert.Equal(2, shard.ReadRows(hash).Count);

        var bytes = File.ReadAllBytes(table);
        bytes[10] ^= 1;
        File.WriteAllBytes(table, bytes);
        Assert.Contains("its manifest says " + hash, Assert.Throws<InvalidDataException>(() => shard.ReadRows(hash)).Message, StringComparison.Ordinal);

        AtomicFile.Write(table, stream => RowTable.Write(stream, [TinyStores.Row(0)]));
        Assert.Contains("1 rows, the tensors have 2", Assert.Throws<InvalidDataException>(() => shard.ReadRows()).Message, StringComparison.Ordinal);
        AtomicFile.Write(table, stream => RowTable.Write(stream, [TinyStores.Row(0), TinyStores.Row(2)]));
        Assert.Contains("entry 1 has the row 2", Assert.Throws<InvalidDataException>(() => shard.ReadRows()).Message, StringComparison.Ordinal);
        AtomicFile.Write(table, stream => FailureTable.Write(stream, []));
        Assert.Contains("no column 'source_sha256'", Assert.Throws<InvalidDataException>(() => shard.ReadRows()).Message, StringComparison.Ordinal);
        File.WriteAllText(table, "no table");
        Assert.Contains("no parquet file", Assert.Throws<InvalidDataException>(() => shard.ReadRows()).Message, StringComparison.Ordinal);
    }
}
