namespace LiteVae;

/// <summary>Options of <c>mlContext.Data.SaveLatents</c>.</summary>
public sealed record LiteVaeSaveOptions
{
    /// <summary>Name of the column of images: MLImage, text (a path) or a vector of bytes (an image file). Default <c>Image</c>.</summary>
    public string ImageColumn { get; init; } = "Image";

    /// <summary>
    /// Name of a column of texts or whole numbers that names each image in the store; of several rows with one key all but the first have failed. Null (default): the rows' numbers, as
    /// <c>0000000012</c>.
    /// </summary>
    public string? KeyColumn { get; init; }

    /// <summary>Name of a column of labels: texts, numbers or booleans. Null (default) for none.</summary>
    public string? LabelColumn { get; init; }

    /// <summary>Name of a column of captions, texts. Null (default) for none.</summary>
    public string? CaptionColumn { get; init; }

    /// <summary>A model folder, the name of a model that ships with the library, or null (default) for the default model.</summary>
    public string? Model { get; init; }

    /// <summary>Where and how the model runs. Default: on the CPU, whole images.</summary>
    public LiteVaeModelOptions ModelOptions { get; init; } = new();

    /// <inheritdoc cref="EncodeJobOptions.Sizes"/>
    public IReadOnlyList<ImageSize> Sizes { get; init; } = [new(256, 256)];

    /// <inheritdoc cref="EncodeJobOptions.Flip"/>
    public bool Flip { get; init; }

    /// <inheritdoc cref="EncodeJobOptions.Dtype"/>
    public SafetensorsType Dtype { get; init; } = SafetensorsType.F16;

    /// <summary>Rows of a part, 1 to 65,536: a part is written when all of it is encoded. Default 4,096.</summary>
    public int ShardSize { get; init; } = 4096;

    /// <inheritdoc cref="EncodeJobOptions.BatchSize"/>
    public int BatchSize { get; init; } = 8;

    /// <summary>Whether the first row whose image cannot be encoded ends the work; else it is recorded with the reason and the work goes on. Default false.</summary>
    public bool StopOnFailure { get; init; }

    /// <summary>Checks every member.</summary>
    /// <exception cref="ArgumentException">Members are wrong; the message names them.</exception>
    public void Validate()
    {
        foreach (var (name, column) in new[] { (nameof(ImageColumn), ImageColumn), (nameof(KeyColumn), KeyColumn), (nameof(LabelColumn), LabelColumn), (nameof(CaptionColumn), CaptionColumn) })
        {
            if (column is "" || (column is null && name == nameof(ImageColumn)))
            {
                throw new ArgumentException($"{nameof(LiteVaeSaveOptions)}: {name} is empty; name a column{(name == nameof(ImageColumn) ? "" : ", or null for none")}.");
            }
        }

        ModelOptions.Validate();
        Job("store").Validate();
    }

    /// <summary>The same as options of a job.</summary>
    internal EncodeJobOptions Job(string store) => new()
    {
        Inputs = [$"the column {ImageColumn} of a data view"],
        Store = store,
        Sizes = Sizes,
        Flip = Flip,
        Dtype = Dtype,
        ShardSize = ShardSize,
        BatchSize = BatchSize,
        StopOnFailure = StopOnFailure,
    };
}
