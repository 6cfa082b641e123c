namespace LiteVae.Training;

/// <summary>Counts Stable Diffusion's networks. Its norms see the whole image, so no receptive field ends before its edge.</summary>
internal static class AutoencoderKLSummary
{
    public static NetworkSummary Of(AutoencoderKLNetwork network, long pixels) => new(
        new NetworkHalf([.. EncoderParts(network, pixels)], ReceptiveField: null),
        new NetworkHalf([.. DecoderParts(network, pixels)], ReceptiveField: null));

    private static IEnumerable<NetworkPart> EncoderParts(AutoencoderKLNetwork network, long pixels)
    {
        var encoder = network.encoder;
        yield return NetworkPart.Of("conv_in", encoder.conv_in, pixels);
        var positions = pixels;
        for (var i = 0; i < encoder.down_blocks.Count; i++)
        {
            var resnets = NetworkPart.Of($"down_blocks.{i}", encoder.down_blocks[i].resnets, positions);
            positions = encoder.down_blocks[i].downsamplers is null ? positions : positions / 4;
            yield return encoder.down_blocks[i].downsamplers is { } downsamplers ? resnets.Plus(NetworkPart.Of("", downsamplers, positions)) : resnets;
        }

        yield return NetworkPart.Of("mid_block", encoder.mid_block, positions);
        var output = NetworkPart.Of("conv_out", encoder.conv_out, positions);
        yield return output with { Parameters = output.Parameters + NetworkPart.Count(encoder.conv_norm_out) };
        if (network.quant_conv is { } quant)
        {
            yield return NetworkPart.Of("quant_conv", quant, positions);
        }
    }

    private static IEnumerable<NetworkPart> DecoderParts(AutoencoderKLNetwork network, long pixels)
    {
        var decoder = network.decoder;
        var factor = network.Architecture.DownsamplingFactor;
        var positions = pixels / (factor * factor);
        if (network.post_quant_conv is { } quant)
        {
            yield return NetworkPart.Of("post_quant_conv", quant, positions);
        }

        yield return NetworkPart.Of("conv_in", decoder.conv_in, positions);
        yield return NetworkPart.Of("mid_block", decoder.mid_block, positions);
        for (var i = 0; i < decoder.up_blocks.Count; i++)
        {
            var resnets = NetworkPart.Of($"up_blocks.{i}", decoder.up_blocks[i].resnets, positions);
            positions = decoder.up_blocks[i].upsamplers is null ? positions : 4 * positions;
            yield return decoder.up_blocks[i].upsamplers is { } upsamplers ? resnets.Plus(NetworkPart.Of("", upsamplers, positions)) : resnets;
        }

        var output = NetworkPart.Of("conv_out", decoder.conv_out, positions);
        yield return output with { Parameters = output.Parameters + NetworkPart.Count(decoder.conv_norm_out) };
    }
}
