using System.Text.Json.Serialization;

namespace LiteVae;

/// <summary>What the three components have in common: the model, where it runs, and how rows are read.</summary>
public abstract record LiteVaeTransformOptions
{
    private const int MaxBatchSize = 4096;
    private const int MaxSide = 32_768;

    private protected LiteVaeTransformOptions()
    {
    }

    /// <summary>
    /// A model folder (this library's, or as Optimum exports one), the name of a model that ships with the library, or null (default) for the default model.
    /// A pipeline that is saved holds the model itself, and no path to it.
    /// </summary>
    [JsonIgnore]
    public string? Model { get; init; }

    /// <summary>
    /// Where the model runs: <c>cpu</c> (default), <c>cuda</c> or <c>cuda:N</c>. A GPU that is not there is an error, never a run on the CPU.
    /// A saved pipeline runs on the device it was saved with, unless <c>mlContext.SetLiteVaeDevice</c> said otherwise before it was loaded.
    /// </summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Threads inside one operator on the CPU, and threads that decode files, 1 or more; null (default) leaves it to ONNX Runtime, one for each core.</summary>
    public int? Threads { get; init; }

    /// <summary>
    /// Longest side in pixels of what goes through the model at once; larger images, and the latents of larger images, go through tile by tile. Null (default) for whole images.
    /// <see cref="LiteVaeModelOptions.TileSize"/> has the details.
    /// </summary>
    public int? TileSize { get; init; }

    /// <summary>
    /// Rows read ahead, for which the model runs once; 1 to 4,096, default 8. Results do not depend on it, memory does: about 0.5 GB a megapixel of the
    /// batch for model B. Rows at native size run together where their padded sizes are equal, at most 4 megapixels of them at a time.
    /// A PredictionEngine has batches of one and ignores it.
    /// </summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>What becomes of a row whose input cannot be used. Default <see cref="OnRowError.Throw"/>.</summary>
    public OnRowError OnError { get; init; }

    /// <summary>Stops the reading of rows at the next batch, and within one before every file that is decoded and every run of the model; a large image that is done in tiles is finished. Default none. Not saved with a pipeline.</summary>
    [JsonIgnore]
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Checks every member.</summary>
    /// <exception cref="ArgumentException">Members are wrong; the message names all of them.</exception>
    public void Validate()
    {
        var faults = Faults().ToArray();
        if (faults.Length > 0)
        {
            throw new ArgumentException($"{GetType().Name}: {string.Join(" ", faults)}");
        }
    }

    /// <summary>The options of the model itself.</summary>
    internal LiteVaeModelOptions ModelOptions => new() { Device = Device, Threads = Threads, TileSize = TileSize };

    /// <summary>Checks the members against the model, which <see cref="Validate"/> does not know.</summary>
    /// <exception cref="ArgumentException">A member asks for what the model cannot do.</exception>
    internal virtual void RequireFit(LiteVaeConfig config) => ModelOptions.RequireTileOf(config);

    /// <summary>Checks a size against the model.</summary>
    /// <exception cref="ArgumentException">A side is no multiple of the model's downsampling factor.</exception>
    private protected void RequireMultiples(int? width, int? height, LiteVaeConfig config)
    {
        var factor = config.DownsamplingFactor;
        if (width % factor is not (null or 0) || height % factor is not (null or 0))
        {
            throw new ArgumentException($"{GetType().Name}: the size is {width} x {height} (width x height); the model '{config.Name}' needs multiples of {factor}.");
        }
    }

    /// <summary>One sentence for each wrong member; those of a component come behind.</summary>
    private protected virtual IEnumerable<string> Faults()
    {
        foreach (var fault in ModelOptions.Faults())
        {
            yield return fault;
        }

        if (BatchSize is < 1 or > MaxBatchSize)
        {
            yield return $"BatchSize is {BatchSize}; allowed are 1 to {MaxBatchSize}.";
        }

        if (!Enum.IsDefined(OnError))
        {
            yield return $"OnError is {OnError}; allowed are {string.Join(" and ", Enum.GetNames<OnRowError>())}.";
        }
    }

    /// <summary>The faults of a size of which both sides or none must be given.</summary>
    private protected static IEnumerable<string> SizeFaults(int? width, int? height)
    {
        if (width.HasValue != height.HasValue)
        {
            yield return $"Width is {Show(width)} and Height is {Show(height)}; give both, or neither.";
        }

        foreach (var (name, side) in new[] { ("Width", width), ("Height", height) })
        {
            if (side is < 1 or > MaxSide)
            {
                yield return $"{name} is {side}; allowed are 1 to {MaxSide}.";
            }
        }

        static string Show(int? side) => side?.ToString() ?? "not set";
    }
}
