using TorchSharp;
using TorchSharp.Modules;

namespace LiteVae.Training;

/// <summary>LiteVAE's networks as ONNX nodes: each method reads beside the <c>forward</c> of the module whose nodes it writes.</summary>
internal sealed class OnnxLiteVae(LiteVaeNetwork network, OnnxLayers layers) : IOnnxForm
{
    public string Encode(string image) => Encoder(network.encoder, image, "encoder");

    public string Decode(string latent) => Decoder(network.decoder, latent, "decoder");

    private string Encoder(LiteVaeEncoder encoder, string image, string name)
    {
        var low = image;
        var features = new List<string>();
        for (var level = 0; level < LiteVaeEncoder.Levels; level++)
        {
            var bands = layers.HaarAnalysis(low, $"{name}.wavelet.{level}"); // [N, 12, H/2, W/2], then H/4, H/8
            var extractor = encoder.extract[level % encoder.extract.Count];
            var feature = FeatureUNet(extractor, bands, $"{name}.extract.{level}");
            var pool = 1L << (LiteVaeEncoder.Levels - 1 - level);
            features.Add(pool == 1 ? feature : layers.AveragePool(feature, $"{name}.pool.{level}", pool));
            low = level < LiteVaeEncoder.Levels - 1 ? layers.HaarLow(bands, $"{name}.wavelet.{level}.low") : "";
        }

        var moments = FeatureUNet(encoder.aggregate, layers.Concat(features, $"{name}.features"), $"{name}.aggregate");
        moments = encoder.quant is null ? moments : layers.Convolution(encoder.quant, moments, $"{name}.quant");
        if (encoder.linear is null)
        {
            return moments;
        }

        var channels = network.Architecture.LatentChannels;
        var mean = layers.Times(layers.Channels(moments, $"{name}.mean", 0, channels), encoder.Share, $"{name}.share");
        mean = layers.Add(mean, layers.BlockConvolution(encoder.linear, image, $"{name}.linear"), $"{name}.mean.sum");
        return layers.Concat([mean, layers.Channels(moments, $"{name}.logvar", channels, 2 * channels)], $"{name}.moments");
    }

    private string FeatureUNet(FeatureUNet unet, string input, string name)
    {
        var skips = new Stack<string>();
        var h = layers.Convolution(unet.stem, input, $"{name}.stem");
        for (var i = 0; i < unet.down.Count; i++)
        {
            h = ResidualBlock(unet.down[i], h, $"{name}.down.{i}");
            skips.Push(h);
        }

        for (var i = 0; i < unet.mid.Count; i++)
        {
            h = ResidualBlock(unet.mid[i], h, $"{name}.mid.{i}");
        }

        for (var i = 0; i < unet.up.Count; i++)
        {
            h = ResidualBlock(unet.up[i], layers.Concat([h, skips.Pop()], $"{name}.up.{i}.concat"), $"{name}.up.{i}");
        }

        return layers.Convolution(unet.head, h, $"{name}.head");
    }

    private string Decoder(LiteVaeDecoder decoder, string latent, string name)
    {
        var h = decoder.postquant is null ? latent : layers.Convolution(decoder.postquant, latent, $"{name}.postquant");
        h = layers.Convolution(decoder.stem, h, $"{name}.stem");
        for (var i = 0; i < decoder.mid.Count; i++)
        {
            h = Middle(decoder.mid[i], h, $"{name}.mid.{i}");
        }

        for (var i = 0; i < decoder.up.Count; i++)
        {
            h = DecoderLevel(decoder.up[i], h, $"{name}.up.{i}");
        }

        h = Activate(decoder.norm, h, $"{name}.norm", $"{name}.silu");
        h = layers.Convolution(decoder.head, h, $"{name}.head");
        h = decoder.Output == DecoderOutput.Wavelet ? layers.HaarSynthesis(h, $"{name}.wavelet") : h;
        return decoder.linear is null ? h : layers.Add(layers.Times(h, decoder.Share, $"{name}.share"), layers.TransposedConvolution(decoder.linear, latent, $"{name}.linear"), $"{name}.sum");
    }

    private string DecoderLevel(DecoderLevel level, string input, string name)
    {
        var h = input;
        for (var i = 0; i < level.blocks.Count; i++)
        {
            h = ResidualBlock(level.blocks[i], h, $"{name}.blocks.{i}");
        }

        return level.upsample is null ? h : layers.Convolution(level.upsample, layers.UpsampleNearest(h, $"{name}.nearest"), $"{name}.upsample");
    }

    private string Middle(torch.nn.Module<torch.Tensor, torch.Tensor> module, string input, string name) => module switch
    {
        ResidualBlock block => ResidualBlock(block, input, name),
        SelfAttention attention => SelfAttention(attention, input, name),
        _ => throw new NotSupportedException($"Module '{name}' is a {module.GetType().Name}, which has no ONNX form here."),
    };

    private string ResidualBlock(ResidualBlock block, string input, string name)
    {
        var h = Activate(block.norm1, input, $"{name}.norm1", $"{name}.silu1");
        h = Convolution(block.conv1, h, $"{name}.conv1");
        h = Activate(block.norm2, h, $"{name}.norm2", $"{name}.silu2");
        h = Convolution(block.conv2, h, $"{name}.conv2");
        var skip = block.skip is null ? input : layers.Convolution(block.skip, input, $"{name}.skip");
        return layers.Add(h, skip, name);
    }

    private string SelfAttention(SelfAttention attention, string input, string name)
    {
        var normed = layers.GroupNorm(attention.norm, input, $"{name}.norm");
        var query = layers.Convolution(attention.query, normed, $"{name}.query");
        var key = layers.Convolution(attention.key, normed, $"{name}.key");
        var value = layers.Convolution(attention.value, normed, $"{name}.value");
        var mixed = layers.Attention(query, key, value, attention.query.out_channels, $"{name}.attention");
        return layers.Add(input, layers.Convolution(attention.project, mixed, $"{name}.project"), name);
    }

    private string Activate(GroupNorm? norm, string input, string normName, string siluName)
        => layers.SiLU(norm is null ? input : layers.GroupNorm(norm, input, normName), siluName);

    private string Convolution(torch.nn.Module<torch.Tensor, torch.Tensor> module, string input, string name) => module switch
    {
        Conv2d plain => layers.Convolution(plain, input, name),
        SelfModulatedConv2d modulated => layers.Convolution(modulated, input, name),
        _ => throw new NotSupportedException($"Module '{name}' is a {module.GetType().Name}, which has no ONNX form here."),
    };
}
