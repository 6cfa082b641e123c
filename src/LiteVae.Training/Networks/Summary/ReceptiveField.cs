using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>How far convolutions see.</summary>
internal static class ReceptiveField
{
    /// <summary>Convolutions in a row, 3x3 ones: each adds a position on both sides. (1x1 ones, on the skips, add none.)</summary>
    public static int Radius(nn.Module module) => module.parameters().Count(parameter => parameter.dim() == 4 && parameter.shape[2] == 3);

    /// <summary>Pixels along a side of the latents that one output pixel of a decoder depends on; of the f x f positions in a latent the one that sees most.</summary>
    /// <param name="factor">Pixels a latent along a side, f.</param>
    /// <param name="backwards">What the decoder does, last first: convolutions of this radius, then whether what they read was doubled in size.</param>
    public static int OfDecoder(int factor, IReadOnlyList<(int Radius, bool Doubled)> backwards) => factor * Enumerable.Range(0, factor).Max(pixel =>
    {
        var (first, last) = (pixel, pixel);
        foreach (var (radius, doubled) in backwards)
        {
            (first, last) = (first - radius, last + radius);
            if (doubled)
            {
                (first, last) = (first >> 1, last >> 1); // rounds down, also below 0
            }
        }

        return last - first + 1;
    });
}
