namespace LiteVae.Cli.Reports;

/// <summary>What the graphs of a model say about doing images in tiles.</summary>
/// <param name="Encoder">Of the encoder, or null where the folder has none.</param>
/// <param name="Decoder">Of the decoder, or null where the folder has none.</param>
internal sealed record TilingSummary(TilingSummary.Half? Encoder, TilingSummary.Half? Decoder)
{
    /// <summary>One half of a model.</summary>
    /// <param name="ReceptiveField">Pixels along a side that one output value depends on; null where that is the whole image, or not known.</param>
    /// <param name="Halo">Pixels around a tile that do not count; null where tiles are blended.</param>
    /// <param name="LeastTile">Least side of a tile in pixels.</param>
    internal sealed record Half(int? ReceptiveField, int? Halo, int LeastTile);

    /// <summary>Reads the graphs of a model.</summary>
    public static TilingSummary Of(ModelFolder folder) => new(
        Describe(folder, ModelFolder.EncoderFile, folder.ReadEncoder, Locality.OfEncoder), Describe(folder, ModelFolder.DecoderFile, folder.ReadDecoder, Locality.OfDecoder));

    /// <summary>Writes a line a half.</summary>
    public void Write(Output output)
    {
        Write(output, "encoder", Encoder);
        Write(output, "decoder", Decoder);
    }

    private static Half? Describe(ModelFolder folder, string file, Func<OnnxModelFile> read, Func<OnnxModelFile, int, Locality?> find)
    {
        if (!File.Exists(Path.Combine(folder.Path, file)))
        {
            return null;
        }

        var factor = folder.Config.DownsamplingFactor;
        var locality = find(read(), factor);
        return new Half(locality?.ReceptiveField, locality?.Halo, Tiling.LeastSize(locality, factor));
    }

    private static void Write(Output output, string part, Half? half)
    {
        if (half is not null)
        {
            output.Text.WriteLine($"tiles of the {part}: at least {half.LeastTile} pixels a side; " + (half.Halo is { } halo
                ? $"local: with a halo of {halo} pixels the result is that of the whole image (one value sees {half.ReceptiveField})"
                : "not local, as far as its graph tells: they are blended, which changes the result"));
        }
    }
}
