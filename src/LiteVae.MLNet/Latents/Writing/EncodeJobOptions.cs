namespace LiteVae;

/// <summary>What an <see cref="EncodeJob"/> does.</summary>
public sealed record EncodeJobOptions
{
    private const int MaxBatchSize = 1024;

    /// <summary>
    /// Where the images are: folders, searched with their subfolders for images and .tar files; .txt lists of paths; .tar files in the way of WebDataset; .csv, .tsv or .parquet
    /// tables with a column <c>path</c> and, where wanted, <c>key</c>, <c>label</c> and <c>caption</c>; image files. At least one.
    /// </summary>
    public IReadOnlyList<string> Inputs { get; init; } = [];

    /// <summary>The store's folder; a store that is there and was begun with the same settings is continued.</summary>
    public string Store { get; init; } = "";

    /// <summary>
    /// The sizes that images are brought to, multiples of the model's downsampling factor; 1 to 256. An image goes to the one whose sides' ratio is nearest to its own, is scaled until it covers it, and
    /// what sticks out is cut off on both sides alike. Default 256x256. <see cref="AspectBuckets.OfArea"/> makes a list.
    /// </summary>
    public IReadOnlyList<ImageSize> Sizes { get; init; } = [new(256, 256)];

    /// <summary>Whether the mirrored images are encoded too, into a second tensor. Default false.</summary>
    public bool Flip { get; init; }

    /// <summary>Element type of the moments: F16 (default), BF16 or F32. An image with a moment that does not fit has failed.</summary>
    public SafetensorsType Dtype { get; init; } = SafetensorsType.F16;

    /// <summary>Where labels come from. Default <see cref="LabelSource.Columns"/>.</summary>
    public LabelSource Labels { get; init; }

    /// <summary>Sources of a part, 1 to 65,536: a part is written when all of it is encoded, and a job that is stopped does the parts it was at anew. Default 4,096.</summary>
    public int ShardSize { get; init; } = 4096;

    /// <summary>Images that go through the encoder at once, 1 to 1,024; twice as many with <see cref="Flip"/>. The store does not depend on it. Default 8.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>Which share of the job this process does. Default all of it.</summary>
    public EncodeTask Task { get; init; } = EncodeTask.Whole;

    /// <summary>Whether the first image that cannot be encoded ends the job; else it is recorded with the reason and the job goes on. Default false.</summary>
    public bool StopOnFailure { get; init; }

    /// <summary>Checks every member.</summary>
    /// <exception cref="ArgumentException">Members are wrong; the message names all of them.</exception>
    public void Validate()
    {
        var faults = Faults().ToArray();
        if (faults.Length > 0)
        {
            throw new ArgumentException($"{nameof(EncodeJobOptions)}: {string.Join(" ", faults)}");
        }
    }

    /// <summary>Checks the sizes against the model, which <see cref="Validate"/> does not know.</summary>
    /// <exception cref="ArgumentException">A size is none that the model takes.</exception>
    internal void RequireFit(LiteVaeConfig config)
    {
        var factor = config.DownsamplingFactor;
        foreach (var size in Sizes.Where(size => size.Width < 1 || size.Height < 1 || size.Width % factor != 0 || size.Height % factor != 0 || Math.Max(size.Width, size.Height) > StoreSettings.MaxSide))
        {
            throw new ArgumentException(
                $"A size is {size}; {config.Name} needs sides that are multiples of {factor}, up to {StoreSettings.MaxSide}, such as {PixelTensor.RoundUp(Math.Max(1, size.Width), factor)}x{PixelTensor.RoundUp(Math.Max(1, size.Height), factor)}.");
        }
    }

    /// <summary>What decides the store's bytes.</summary>
    internal StoreSettings Settings(LiteVaeModel model, string preprocessing, IReadOnlyList<string> inputs) => new(
        model.EncoderSha256,
        model.Config.Name,
        model.Config,
        Dtype,
        Flip,
        [.. Sizes],
        preprocessing,
        inputs,
        Labels == LabelSource.Folders ? StoreSettings.FolderLabels : StoreSettings.ColumnLabels,
        ShardSize,
        model.TileSize);

    private IEnumerable<string> Faults()
    {
        if (Inputs.Count == 0 || Inputs.Any(string.IsNullOrEmpty))
        {
            yield return "Inputs is empty, or one of them is; name folders, lists, tables, .tar files or images.";
        }

        if (string.IsNullOrEmpty(Store))
        {
            yield return "Store is empty; name a folder.";
        }
        else if (File.Exists(Store))
        {
            yield return $"Store is '{Store}', which is a file; name a folder.";
        }

        if (Sizes.Count is < 1 or > StoreSettings.MaxSizes || Sizes.Distinct().Count() != Sizes.Count)
        {
            yield return $"Sizes has {Sizes.Count} entries; allowed are 1 to {StoreSettings.MaxSizes}, each once.";
        }

        if (!MomentsType.IsAllowed(Dtype))
        {
            yield return $"Dtype is {Dtype}; allowed are F16, BF16 and F32.";
        }

        if (!Enum.IsDefined(Labels))
        {
            yield return $"Labels is {Labels}; allowed are {string.Join(" and ", Enum.GetNames<LabelSource>())}.";
        }

        if (ShardSize is < 1 or > StoreSettings.MaxShardSize)
        {
            yield return $"ShardSize is {ShardSize}; allowed are 1 to {StoreSettings.MaxShardSize}.";
        }

        if (BatchSize is < 1 or > MaxBatchSize)
        {
            yield return $"BatchSize is {BatchSize}; allowed are 1 to {MaxBatchSize}.";
        }

        if (Task.Count < 1 || Task.Index < 0 || Task.Index >= Task.Count)
        {
            yield return $"Task is {Task}; the index must be 0 or more and below the count.";
        }
    }
}
