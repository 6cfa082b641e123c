namespace LiteVae;

/// <summary>One shard of a store: its moments through a memory map, and its table of rows.</summary>
/// <remarks>Safe for reading from several threads; spans must not be used after <see cref="Dispose"/>.</remarks>
internal sealed class LatentShard : IDisposable
{
    public const string Format = "litevae-latents-1";
    public const string Moments = "moments";
    public const string FlippedMoments = "moments_flipped";
    public const string FormatNote = "format";
    public const string EncoderNote = "encoder_sha256";
    public const string PartNote = "part";

    private readonly SafetensorsReader _reader;
    private readonly SafetensorsEntry _moments;
    private readonly SafetensorsEntry? _flipped;

    private LatentShard(string path, SafetensorsReader reader, StoreSettings? settings)
    {
        Path = path;
        _reader = reader;
        var format = reader.Metadata.GetValueOrDefault(FormatNote);
        Require(format == Format, $"its note '{FormatNote}' is '{FaultText.Printable(format)}'; this version of LiteVae.MLNet reads {Format}");
        EncoderSha256 = reader.Metadata.GetValueOrDefault(EncoderNote) ?? "";
        Require(settings is null || settings.EncoderSha256 == EncoderSha256, $"it was made by the encoder '{FaultText.Printable(EncoderSha256)}', the store by {settings?.EncoderSha256}");
        _moments = Entry(Moments);
        _flipped = reader.TryGetEntry(FlippedMoments, out _) ? Entry(FlippedMoments) : null;
        Require(_flipped is null || (_flipped.Type == _moments.Type && _flipped.Shape.SequenceEqual(_moments.Shape)), $"'{FlippedMoments}' has another type or shape than '{Moments}'");
        Require(settings is null || (settings.Dtype == _moments.Type && settings.Flip == _flipped is not null), "its element type or its flipped moments are not those of the store");
    }

    /// <summary>The safetensors file.</summary>
    public string Path { get; }

    /// <summary>Fingerprint of the encoder that made it.</summary>
    public string EncoderSha256 { get; }

    /// <summary>Images, n.</summary>
    public int Count => (int)_moments.Shape[0];

    /// <summary>Channels of the moments, 2 nz.</summary>
    public int Channels => (int)_moments.Shape[1];

    /// <summary>Height of a latent, h.</summary>
    public int Height => (int)_moments.Shape[2];

    /// <summary>Width of a latent, w.</summary>
    public int Width => (int)_moments.Shape[3];

    /// <summary>Values of one image's moments, 2 nz * h * w.</summary>
    public int MomentsLength => Channels * Height * Width;

    /// <summary>Type of the values in the file.</summary>
    public SafetensorsType Dtype => _moments.Type;

    /// <summary>Whether it also has the moments of the mirrored images.</summary>
    public bool HasFlipped => _flipped is not null;

    /// <summary>Opens a shard; only its header is read.</summary>
    /// <param name="path">The safetensors file.</param>
    /// <param name="settings">The store's settings, which it must fit; null where they are not known.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is broken, no shard, or of another encoder, type or kind than the settings say.</exception>
    public static LatentShard Open(string path, StoreSettings? settings = null)
    {
        var reader = SafetensorsReader.Open(path);
        try
        {
            return new LatentShard(path, reader, settings);
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    /// <summary>The moments of an image, [2 nz, h, w], as floats.</summary>
    /// <param name="row">The image, 0 to <see cref="Count"/> - 1.</param>
    /// <param name="moments">Receives <see cref="MomentsLength"/> values.</param>
    public void ReadMoments(int row, Span<float> moments) => Read(_moments, row, moments);

    /// <summary>The moments of the mirrored image, [2 nz, h, w], as floats.</summary>
    /// <param name="row">The image, 0 to <see cref="Count"/> - 1.</param>
    /// <param name="moments">Receives <see cref="MomentsLength"/> values.</param>
    /// <exception cref="InvalidOperationException">The shard has none.</exception>
    public void ReadFlippedMoments(int row, Span<float> moments) => Read(RequireFlipped(), row, moments);

    /// <summary>The moments of an image as bytes of <see cref="Dtype"/>, without a copy.</summary>
    public ReadOnlySpan<byte> MomentsBytes(int row) => Bytes(_moments, row);

    /// <summary>The moments of the mirrored image as bytes of <see cref="Dtype"/>, without a copy.</summary>
    /// <exception cref="InvalidOperationException">The shard has none.</exception>
    public ReadOnlySpan<byte> FlippedMomentsBytes(int row) => Bytes(RequireFlipped(), row);

    /// <summary>The table of the rows beside the tensors: <see cref="RowTable.ReadFile"/>.</summary>
    public IReadOnlyList<LatentRow> ReadRows(string? sha256 = null) => RowTable.ReadFile(System.IO.Path.ChangeExtension(Path, StorePaths.RowsExtension), Count, sha256);

    /// <summary>Unmaps the file.</summary>
    public void Dispose() => _reader.Dispose();

    private void Read(SafetensorsEntry entry, int row, Span<float> moments)
    {
        if (moments.Length != MomentsLength)
        {
            throw new ArgumentException($"An image has {MomentsLength} moments; there is room for {moments.Length}.", nameof(moments));
        }

        FloatElements.Read(Bytes(entry, row), entry.Type, stride: 1, moments);
    }

    private ReadOnlySpan<byte> Bytes(SafetensorsEntry entry, int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Count);
        var length = MomentsLength * entry.Type.Size();
        return _reader.GetSlice(entry, (long)row * length, length);
    }

    private SafetensorsEntry RequireFlipped() =>
        _flipped ?? throw new InvalidOperationException($"{Path}: the shard has no moments of mirrored images: the store was made without flips.");

    private SafetensorsEntry Entry(string name)
    {
        Require(_reader.TryGetEntry(name, out var entry), $"there is no tensor '{name}'");
        var isSmall = entry!.Shape is [>= 1 and <= int.MaxValue, >= 2 and <= 1024, >= 1 and <= StoreSettings.MaxSide, >= 1 and <= StoreSettings.MaxSide];
        Require(isSmall && entry.Length / entry.Shape[0] <= Array.MaxLength, $"'{name}' has the shape [{string.Join(", ", entry.Shape)}]; it must be [n, 2 nz, h, w]");
        Require(MomentsType.IsAllowed(entry.Type), $"'{name}' has the type {entry.Type.Spelling()}; F16, BF16 and F32 are read");
        return entry;
    }

    private void Require(bool condition, string fault)
    {
        if (!condition)
        {
            throw new InvalidDataException($"{Path}: no shard of this store: {fault}.");
        }
    }
}
