namespace LiteVae;

/// <summary>Everything that decides a store's bytes besides the images: a run with other settings does not continue it.</summary>
/// <param name="EncoderSha256">SHA-256 of the encoder's ONNX file.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Config">The model's config.</param>
/// <param name="Dtype">Element type of the moments: F16, BF16 or F32.</param>
/// <param name="Flip">Whether each shard also has the moments of the mirrored images.</param>
/// <param name="Sizes">The sizes that images are brought to; an image goes to the one whose sides' ratio is nearest to its own.</param>
/// <param name="Preprocessing">How pixels become the encoder's input, in words.</param>
/// <param name="Inputs">What was searched for images, as full paths.</param>
/// <param name="Labels">Where labels come from: <see cref="ColumnLabels"/> or <see cref="FolderLabels"/>.</param>
/// <param name="ShardSize">Sources of a part.</param>
/// <param name="TileSize">Longest side of what went through the encoder at once; null for whole images.</param>
internal sealed record StoreSettings(
    string EncoderSha256, string Model, LiteVaeConfig Config, SafetensorsType Dtype, bool Flip, IReadOnlyList<ImageSize> Sizes, string Preprocessing, IReadOnlyList<string> Inputs, string Labels, int ShardSize, int? TileSize = null)
{
    /// <summary>The preprocessing of image files.</summary>
    public const string ThisPreprocessing = "EXIF orientation applied, " + PixelPreprocessing;

    /// <summary>The preprocessing of images that were decoded by somebody else.</summary>
    public const string PixelPreprocessing =
        "transparency over white, RGB; scaled by antialiased bicubic (a = -0.5, 8 bits) until it covers the size, the longer side rounded down, and cropped to the centre; 0..255 to -1..1";

    /// <summary><see cref="Labels"/> of tables' columns alone.</summary>
    public const string ColumnLabels = "columns";

    /// <summary><see cref="Labels"/> of folders too.</summary>
    public const string FolderLabels = "folders";

    public const int MaxSide = 16_384;
    public const int MaxSizes = 256;
    public const int MaxShardSize = 65_536;

    /// <summary>Dimensions of the moments of an image of a size, [2 nz, h, w].</summary>
    public (int Channels, int Height, int Width) MomentsShape(ImageSize size) =>
        (2 * Config.LatentChannels, size.Height / Config.DownsamplingFactor, size.Width / Config.DownsamplingFactor);

    /// <summary>The place of a size among <see cref="Sizes"/>.</summary>
    public int IndexOf(ImageSize size) => Sizes.Index().First(place => place.Item == size).Index;

    /// <summary>The name of a shard's files without extension.</summary>
    public string ShardName(int part, ImageSize size) => StorePaths.ShardName(part, size, Sizes.Count == 1);

    /// <summary>These settings, checked.</summary>
    /// <exception cref="InvalidDataException">A value is out of range.</exception>
    public StoreSettings Require(string source)
    {
        var faults = Faults().ToList();
        return faults.Count == 0 ? this : throw new InvalidDataException($"{source}: {string.Join(" ", faults)}");
    }

    /// <summary>One sentence for each setting in which another run differs, with both values.</summary>
    /// <param name="run">What the run asks for.</param>
    public IEnumerable<string> Differences(StoreSettings run)
    {
        var (here, there) = (StoreJson.Members(this), StoreJson.Members(run));
        return here.Keys.Union(there.Keys)
            .Where(member => here.GetValueOrDefault(member) != there.GetValueOrDefault(member))
            .Select(member => $"{member} is {FaultText.Printable(here.GetValueOrDefault(member) ?? "none")} in the store and {FaultText.Printable(there.GetValueOrDefault(member) ?? "none")} in this run.");
    }

    private IEnumerable<string> Faults()
    {
        if (!Sha256Text.IsOne(EncoderSha256))
        {
            yield return $"encoder_sha256 is '{FaultText.Printable(EncoderSha256)}'; it must be 64 hexadecimal digits.";
        }

        if (!MomentsType.IsAllowed(Dtype))
        {
            yield return $"dtype is {Dtype.Spelling()}; allowed are F16, BF16 and F32.";
        }

        if (Sizes.Count is < 1 or > MaxSizes || Sizes.Distinct().Count() != Sizes.Count)
        {
            yield return $"there are {Sizes.Count} sizes; allowed are 1 to {MaxSizes}, each once.";
        }

        var factor = Config.DownsamplingFactor;
        foreach (var size in Sizes.Where(size => size.Width is < 1 or > MaxSide || size.Height is < 1 or > MaxSide || size.Width % factor != 0 || size.Height % factor != 0))
        {
            yield return $"a size is {size}; sides must be 1 to {MaxSide} and multiples of the model's downsampling factor {factor}.";
        }

        if (ShardSize is < 1 or > MaxShardSize)
        {
            yield return $"shard_size is {ShardSize}; allowed are 1 to {MaxShardSize}.";
        }
    }
}
