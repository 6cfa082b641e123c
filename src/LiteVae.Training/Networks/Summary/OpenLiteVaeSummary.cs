namespace LiteVae.Training;

/// <summary>Counts open-litevae's networks.</summary>
internal static class OpenLiteVaeSummary
{
    public static NetworkSummary Of(OpenLiteVaeNetwork network, long pixels)
    {
        var latents = pixels / (network.Architecture.DownsamplingFactor * network.Architecture.DownsamplingFactor);
        return new NetworkSummary(
            new NetworkHalf([.. EncoderParts(network, pixels, latents)], ReceptiveField: null), // its norms see the whole image
            new NetworkHalf([.. DecoderParts(network, latents)], DecoderField(network.decoder, network.Architecture.DownsamplingFactor)));
    }

    private static IEnumerable<NetworkPart> EncoderParts(OpenLiteVaeNetwork network, long pixels, long latents)
    {
        for (var level = 0; level < network.encoder.extractors.Count; level++)
        {
            yield return NetworkPart.Of($"extractors.{level}", network.encoder.extractors[level], pixels >> (2 * (level + 1)));
        }

        yield return NetworkPart.Of("aggregator", network.encoder.aggregator, latents);
        if (network.quantizer is { } quantizer)
        {
            yield return NetworkPart.Of("quant_conv", quantizer.quant_conv, latents);
        }
    }

    private static IEnumerable<NetworkPart> DecoderParts(OpenLiteVaeNetwork network, long latents)
    {
        var decoder = network.decoder;
        if (network.quantizer is { } quantizer)
        {
            yield return NetworkPart.Of("post_quant_conv", quantizer.post_quant_conv, latents);
        }

        yield return NetworkPart.Of("conv_in", decoder.conv_in, latents);
        yield return NetworkPart.Of("mid", decoder.mid, latents);
        var positions = latents;
        for (var i = decoder.up.Count - 1; i >= 0; i--)
        {
            var blocks = NetworkPart.Of($"up.{i}", decoder.up[i].block, positions);
            positions = decoder.up[i].upsample is null ? positions : 4 * positions;
            yield return decoder.up[i].upsample is { } upsample ? blocks.Plus(NetworkPart.Of("", upsample, positions)) : blocks;
        }

        yield return NetworkPart.Of("conv_norm", decoder.conv_norm, positions);
        yield return NetworkPart.Of("conv_out", decoder.conv_out, positions);
    }

    private static int DecoderField(OpenLiteVaeDecoder decoder, int factor)
    {
        List<(int Radius, bool Doubled)> backwards = [(ReceptiveField.Radius(decoder.conv_out) + ReceptiveField.Radius(decoder.conv_norm), false)];
        foreach (var level in decoder.up)
        {
            if (level.upsample is not null)
            {
                backwards.Add((ReceptiveField.Radius(level.upsample), true));
            }

            backwards.Add((ReceptiveField.Radius(level.block), false));
        }

        backwards.Add((ReceptiveField.Radius(decoder.mid) + ReceptiveField.Radius(decoder.conv_in), false));
        return ReceptiveField.OfDecoder(factor, backwards);
    }
}
