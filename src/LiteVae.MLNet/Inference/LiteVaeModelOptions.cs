namespace LiteVae;

/// <summary>How <see cref="LiteVaeModel"/> runs a model.</summary>
public sealed record LiteVaeModelOptions
{
    private const int MaxTileSize = 32_768;

    /// <summary>
    /// Where the model runs: <c>cpu</c> (default), <c>cuda</c> or <c>cuda:N</c>. A GPU that is not there is an error, never a run on the CPU.
    /// </summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Threads inside one operator on the CPU, 1 or more; null (default) leaves it to ONNX Runtime, one for each core.</summary>
    public int? Threads { get; init; }

    /// <summary>
    /// Longest side in pixels of what goes through the model at once, halo included; 1 to 32,768, a multiple of the model's downsampling factor (8). Null (default): images
    /// of any size go through whole. With it a run takes the memory of one tile, however large the image is, and larger images are
    /// done tile by tile, one image of a batch at a time; the image itself and its result stay in memory, at 12 bytes a pixel each.
    /// </summary>
    /// <remarks>
    /// A model without norms over the image and without attention is local: its tiles overlap by what it sees, its halo, and the result is that of the whole image to the accuracy
    /// of single precision. A tile must exceed twice the halo by the downsampling factor at least (default model: 968 for the encoder, 312 for the decoder; <c>litevae info</c> prints it) and each halo is computed twice, so
    /// tiles of a few times that are cheap. The tiles of any other model overlap by a quarter and are blended linearly there, means and log variances alike; then the
    /// result differs from that of the whole image (docs/tiling.md has how much), and a tile must be of four times the downsampling factor at least.
    /// Encoder and decoder each tell for themselves, at their first use.
    /// </remarks>
    public int? TileSize { get; init; }

    /// <summary>Path prefix of ONNX Runtime's profile files, or null (default) for none. <c>-encoder</c> or <c>-decoder</c> and a time are added.</summary>
    internal string? ProfilePrefix { get; init; }

    /// <summary>Checks every member.</summary>
    /// <exception cref="ArgumentException">Members are wrong; the message names all of them.</exception>
    public void Validate()
    {
        var faults = Faults().ToArray();
        if (faults.Length > 0)
        {
            throw new ArgumentException($"{nameof(LiteVaeModelOptions)}: {string.Join(" ", faults)}");
        }
    }

    /// <summary>One sentence for each wrong member.</summary>
    internal IEnumerable<string> Faults()
    {
        if (!DeviceSelection.TryParse(Device, out _))
        {
            yield return $"Device is '{Device}'; allowed are 'cpu', 'cuda' and 'cuda:N'.";
        }

        if (Threads is < 1)
        {
            yield return $"Threads is {Threads}; it must be at least 1, or null for ONNX Runtime's choice.";
        }

        if (TileSize is < 1 or > MaxTileSize)
        {
            yield return $"TileSize is {TileSize}; allowed are 1 to {MaxTileSize}, or null for whole images.";
        }
    }

    /// <summary>Checks the size of a tile against a model.</summary>
    /// <exception cref="ArgumentException">It is no multiple of the model's downsampling factor.</exception>
    internal void RequireTileOf(LiteVaeConfig config)
    {
        if (TileSize is { } size && size % config.DownsamplingFactor != 0)
        {
            throw new ArgumentException(
                $"TileSize is {size}; the model '{config.Name}' needs a multiple of {config.DownsamplingFactor}, such as {PixelTensor.RoundUp(size, config.DownsamplingFactor)}.");
        }
    }
}
