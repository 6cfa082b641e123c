namespace LiteVae.Training;

/// <summary>Counts LiteVAE's networks.</summary>
internal static class LiteVaeSummary
{
    private const int Factor = 1 << LiteVaeEncoder.Levels;

    public static NetworkSummary Of(LiteVaeNetwork network, long pixels)
    {
        var architecture = (LiteVaeArchitecture)network.Architecture;
        return new(
            new NetworkHalf([.. EncoderParts(network.encoder, pixels)], EncoderField(network.encoder, architecture)),
            new NetworkHalf([.. DecoderParts(network.decoder, pixels)], DecoderField(network.decoder, architecture)));
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

        if (encoder.linear is not null)
        {
            yield return NetworkPart.Of("linear", encoder.linear, latents);
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
        if (decoder.linear is not null)
        {
            yield return NetworkPart.Of("linear", decoder.linear, pixels / (Factor * Factor));
        }
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
        return (Factor * ((2 * ReceptiveField.Radius(encoder.aggregate)) + 1)) + (2 * ReceptiveField.Radius(encoder.extract[0]) * Factor);
    }

    private static int? DecoderField(LiteVaeDecoder decoder, LiteVaeArchitecture architecture)
    {
        if (architecture.Decoder.Norm == BlockNorm.GroupNorm || architecture.Decoder.Attention)
        {
            return null;
        }

        List<(int Radius, bool Doubled)> backwards = [(0, decoder.Output == DecoderOutput.Wavelet), (ReceptiveField.Radius(decoder.head), false)];
        foreach (var level in decoder.up.Reverse())
        {
            if (level.upsample is not null)
            {
                backwards.Add((ReceptiveField.Radius(level.upsample), true));
            }

            backwards.Add((ReceptiveField.Radius(level.blocks), false));
        }

        backwards.Add((ReceptiveField.Radius(decoder.mid) + ReceptiveField.Radius(decoder.stem), false));
        return ReceptiveField.OfDecoder(Factor, backwards);
    }
}
