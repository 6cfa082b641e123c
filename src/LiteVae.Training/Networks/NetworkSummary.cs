using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>Size and work of an architecture, counted without weights or data.</summary>
/// <param name="Encoder">Image to moments.</param>
/// <param name="Decoder">Latent to image.</param>
internal sealed record NetworkSummary(NetworkHalf Encoder, NetworkHalf Decoder)
{
    private const int Factor = 1 << LiteVaeEncoder.Levels;

    /// <summary>Counts an architecture for one image of H x W, multiples of 8.</summary>
    /// <remarks>Multiply-adds are those of convolutions and of the attention's two products; wavelets, norms and activations are not counted.</remarks>
    public static NetworkSummary Of(LiteVaeArchitecture architecture, int height, int width)
    {
        using var network = new LiteVaeNetwork(architecture, META);
        return new NetworkSummary(
            new NetworkHalf([.. EncoderParts(network.encoder, (long)height * width)], EncoderField(network.encoder, architecture)),
            new NetworkHalf([.. DecoderParts(network.decoder, (long)height * width)], DecoderField(network.decoder, architecture)));
    }

    private static IEnumerable<NetworkPart> EncoderParts(LiteVaeEncoder encoder, long pixels)
    {
        for (var level = 0; level < LiteVaeEncoder.Levels; level++)
        {
            // Shared extractors have their parameters once and work three times.
            var part = NetworkPart.Of($"extract.{level}", encoder.extract[level % encoder.extract.Count], pixels >> (2 * (level + 1)));
            yield return level < encoder.extract.Count ? part : part with { Parameters = 0 };
        }

        var latents = pixels / (Factor * Factor);
        yield return NetworkPart.Of("aggregate", encoder.aggregate, latents);
        if (encoder.quant is not null)
        {
            yield return NetworkPart.Of("quant", encoder.quant, latents);
        }
    }

    private static IEnumerable<NetworkPart> DecoderParts(LiteVaeDecoder decoder, long pixels)
    {
        var positions = pixels / (Factor * Factor);
        if (decoder.postquant is not null)
        {
            yield return NetworkPart.Of("postquant", decoder.postquant, positions);
        }

        yield return NetworkPart.Of("stem", decoder.stem, positions);
        yield return NetworkPart.Of("mid", decoder.mid, positions);
        for (var i = 0; i < decoder.up.Count; i++)
        {
            var blocks = NetworkPart.Of($"up.{i}", decoder.up[i].blocks, positions);
            positions = decoder.up[i].upsample is null ? positions : 4 * positions;
            yield return decoder.up[i].upsample is { } upsample ? blocks.Plus(NetworkPart.Of("", upsample, positions)) : blocks;
        }

        var head = NetworkPart.Of("head", decoder.head, positions);
        yield return decoder.norm is null ? head : head with { Parameters = head.Parameters + NetworkPart.Count(decoder.norm) };
    }

    /// <summary>Pixels along a side that one latent value depends on.</summary>
    private static int? EncoderField(LiteVaeEncoder encoder, LiteVaeArchitecture architecture)
    {
        if (architecture.Encoder.Norm == BlockNorm.GroupNorm)
        {
            return null;
        }

        // The aggregator sees 2 r + 1 latent positions, each a mean over its 8 x 8 pixels' sub-bands; an extractor adds its own radius on
        // both sides, in sub-band values of 2^l pixels: most on the coarsest level, 8.
        return (Factor * ((2 * Radius(encoder.aggregate)) + 1)) + (2 * Radius(encoder.extract[0]) * Factor);
    }

    /// <summary>Pixels along a side of the latents that one output pixel depends on, 8 a latent; of the 8 positions in a latent the one that sees most.</summary>
    private static int? DecoderField(LiteVaeDecoder decoder, LiteVaeArchitecture architecture)
    {
        if (architecture.Decoder.Norm == BlockNorm.GroupNorm || architecture.Decoder.Attention)
        {
            return null;
        }

        return Factor * Enumerable.Range(0, Factor).Max(pixel =>
        {
            // from the pixel back to the latents; >> rounds down, also below 0
            var (first, last) = (pixel, pixel);
            if (decoder.Output == DecoderOutput.Wavelet)
            {
                (first, last) = (first >> 1, last >> 1);
            }

            Widen(Radius(decoder.head));
            foreach (var level in decoder.up.Reverse())
            {
                if (level.upsample is not null)
                {
                    Widen(Radius(level.upsample));
                    (first, last) = (first >> 1, last >> 1);
                }

                Widen(Radius(level.blocks));
            }

            Widen(Radius(decoder.mid) + Radius(decoder.stem));
            return last - first + 1;

            void Widen(int radius) => (first, last) = (first - radius, last + radius);
        });
    }

    /// <summary>Convolutions in a row, 3x3 ones: each adds a position on both sides. (1x1 ones, on the skips, add none.)</summary>
    private static int Radius(nn.Module module) => module.parameters().Count(parameter => parameter.dim() == 4 && parameter.shape[2] == 3);
}

/// <summary>One half of a network.</summary>
/// <param name="Parts">Its parts in the order in which they work.</param>
/// <param name="ReceptiveField">Pixels along a side that one output value depends on, or null where it is the whole image (GroupNorm, attention).</param>
internal sealed record NetworkHalf(IReadOnlyList<NetworkPart> Parts, int? ReceptiveField)
{
    /// <summary>Parameters of all parts.</summary>
    public long Parameters => Parts.Sum(part => part.Parameters);

    /// <summary>Multiply-adds of all parts, for one image.</summary>
    public long MultiplyAdds => Parts.Sum(part => part.MultiplyAdds);
}

/// <summary>A part of a network, named as in the paper's figure and in the tensors' names.</summary>
internal sealed record NetworkPart(string Name, long Parameters, long MultiplyAdds)
{
    /// <summary>Counts a part that works at a number of positions.</summary>
    public static NetworkPart Of(string name, nn.Module module, long positions)
    {
        // A parameter with four dimensions is a convolution's weight, used once at every position.
        var weights = module.parameters().Where(parameter => parameter.dim() == 4).Sum(parameter => parameter.numel());
        var attention = module.modules().OfType<SelfAttention>().Sum(layer => 2 * positions * positions * layer.query.weight.shape[0]);
        return new NetworkPart(name, Count(module), (weights * positions) + attention);
    }

    /// <summary>The sum of two parts, under this one's name.</summary>
    public NetworkPart Plus(NetworkPart other) => this with { Parameters = Parameters + other.Parameters, MultiplyAdds = MultiplyAdds + other.MultiplyAdds };

    internal static long Count(nn.Module module) => module.parameters().Sum(parameter => parameter.numel());
}
