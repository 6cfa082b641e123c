using TorchSharp;
using TorchSharp.Modules;

namespace LiteVae.Training;

/// <summary>open-litevae's networks as ONNX nodes: each method reads beside the <c>forward</c> of the module whose nodes it writes.</summary>
internal sealed class OnnxOpenLiteVae(OpenLiteVaeNetwork network, OnnxLayers layers) : IOnnxForm
{
    public string Encode(string image)
    {
        var moments = Encoder(network.encoder, image, "encoder");
        return network.quantizer is null ? moments : layers.Convolution(network.quantizer.quant_conv, moments, "quantizer.quant_conv");
    }

    public string Decode(string latent)
    {
        var h = network.quantizer is null ? latent : layers.Convolution(network.quantizer.post_quant_conv, latent, "quantizer.post_quant_conv");
        return Decoder(network.decoder, h, "decoder");
    }

    private string Encoder(OpenLiteVaeEncoder encoder, string image, string name)
    {
        var low = image;
        var features = new List<string>();
        for (var level = 0; level < LiteVaeEncoder.Levels; level++)
        {
            var bands = layers.OpenLiteVaeHaarAnalysis(low, $"{name}.wavelet.{level}"); // [N, 12, H/2, W/2], then H/4, H/8
            var feature = UNet(encoder.extractors[level], bands, $"{name}.extractors.{level}");
            var pool = 1L << (LiteVaeEncoder.Levels - 1 - level);
            features.Add(pool == 1 ? feature : layers.AveragePool(feature, $"{name}.pool.{level}", pool));
            low = level < LiteVaeEncoder.Levels - 1 ? layers.HaarLow(bands, $"{name}.wavelet.{level}.low") : "";
        }

        return UNet(encoder.aggregator, layers.Concat(features, $"{name}.features"), $"{name}.aggregator");
    }

    private string UNet(OpenLiteVaeUNet unet, string input, string name)
    {
        var skips = new Stack<string>();
        var h = layers.Convolution(unet.init_conv, input, $"{name}.init_conv");
        for (var level = 0; level < unet.down_blocks.Count; level++)
        {
            for (var i = 0; i < unet.down_blocks[level].Count; i++)
            {
                var part = unet.down_blocks[level][i];
                h = Part(part, h, $"{name}.down_blocks.{level}.{i}");
                if (part is OpenLiteVaeBlock)
                {
                    skips.Push(h);
                }
            }
        }

        for (var i = 0; i < unet.mid_block.Count; i++)
        {
            h = Part(unet.mid_block[i], h, $"{name}.mid_block.{i}");
        }

        for (var level = 0; level < unet.up_blocks.Count; level++)
        {
            for (var i = 0; i < unet.up_blocks[level].Count; i++)
            {
                var part = unet.up_blocks[level][i];
                var path = $"{name}.up_blocks.{level}.{i}";
                h = Part(part, part is OpenLiteVaeBlock ? layers.Concat([h, skips.Pop()], $"{path}.concat") : h, path);
            }
        }

        return layers.Convolution(unet.conv_out, h, $"{name}.conv_out");
    }

    private string Part(torch.nn.Module<torch.Tensor, torch.Tensor> part, string input, string name) => part switch
    {
        OpenLiteVaeBlock block => Block(block, input, name),
        Conv2d convolution => layers.Convolution(convolution, input, name),
        _ => throw new NotSupportedException($"Module '{name}' is a {part.GetType().Name}, which has no ONNX form here."),
    };

    private string Block(OpenLiteVaeBlock block, string input, string name)
    {
        var h = layers.Convolution(block.conv1, input, $"{name}.conv1");
        h = layers.SiLU(layers.GroupNorm(block.norm1, h, $"{name}.norm1"), $"{name}.silu1");
        h = layers.Convolution(block.conv2, h, $"{name}.conv2");
        h = layers.SiLU(layers.GroupNorm(block.norm2, h, $"{name}.norm2"), $"{name}.silu2");
        var skip = block.residual_conv is null ? input : layers.Convolution(block.residual_conv, input, $"{name}.residual_conv");
        return layers.Add(h, skip, name);
    }

    private string Decoder(OpenLiteVaeDecoder decoder, string latent, string name)
    {
        var h = layers.Convolution(decoder.conv_in, latent, $"{name}.conv_in");
        for (var i = 0; i < decoder.mid.Count; i++)
        {
            h = DecoderBlock(decoder.mid[i], h, $"{name}.mid.{i}");
        }

        for (var level = decoder.up.Count - 1; level >= 0; level--)
        {
            h = DecoderLevel(decoder.up[level], h, $"{name}.up.{level}");
        }

        h = layers.SiLU(layers.Convolution(decoder.conv_norm, h, $"{name}.conv_norm"), $"{name}.silu");
        return layers.Convolution(decoder.conv_out, h, $"{name}.conv_out");
    }

    private string DecoderLevel(OpenLiteVaeDecoderLevel level, string input, string name)
    {
        var h = input;
        for (var i = 0; i < level.block.Count; i++)
        {
            h = DecoderBlock(level.block[i], h, $"{name}.block.{i}");
        }

        return level.upsample is null ? h : layers.NearestUpsampling(level.upsample, h, $"{name}.upsample");
    }

    private string DecoderBlock(OpenLiteVaeDecoderBlock block, string input, string name)
    {
        var h = layers.SiLU(layers.Convolution(block.conv1, input, $"{name}.conv1"), $"{name}.silu1");
        h = layers.SiLU(layers.Convolution(block.conv2, h, $"{name}.conv2"), $"{name}.silu2");
        var skip = block.nin_shortcut is null ? input : layers.Convolution(block.nin_shortcut, input, $"{name}.nin_shortcut");
        return layers.Add(h, skip, name);
    }
}
