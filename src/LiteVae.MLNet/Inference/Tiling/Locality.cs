namespace LiteVae;

/// <summary>How far a half of a model sees, found from its graph. Only graphs that are local have one: without norms over the image, and without attention.</summary>
/// <param name="ReceptiveField">Pixels along a side that one output position depends on; of the positions in a latent the one that sees most.</param>
/// <param name="Halo">Pixels, a multiple of the downsampling factor, that must lie around a part of the image for the part's result to be that of the whole image.</param>
internal sealed record Locality(int ReceptiveField, int Halo)
{
    // Larger than any image; a halo of this size is of no use.
    private const int Largest = 1 << 20;

    /// <summary>Of an encoder, or null where it is not local, or not known to be.</summary>
    public static Locality? OfEncoder(OnnxModelFile file, int factor) => Of(file, inputsPerBlock: factor, outputsPerBlock: 1, factor);

    /// <summary>Of a decoder, in the pixels of its image; or null where it is not local, or not known to be.</summary>
    public static Locality? OfDecoder(OnnxModelFile file, int factor) => Of(file, inputsPerBlock: 1, outputsPerBlock: factor, factor);

    private static Locality? Of(OnnxModelFile file, int inputsPerBlock, int outputsPerBlock, int factor)
    {
        var sides = Enumerable.Range(0, 2).Select(axis => file.FindReach(inputsPerBlock, axis)).ToList();
        if (sides.Any(side => side is null || side.PerBlock != outputsPerBlock))
        {
            return null;
        }

        var field = sides.Max(side => side!.Field) * (factor / inputsPerBlock);
        var halo = sides.Max(side => side!.Halo) * factor;
        return Math.Max(field, halo) <= Largest ? new Locality((int)field, (int)halo) : null;
    }
}
