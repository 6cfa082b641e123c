using TorchSharp.Modules;

namespace LiteVae.Training;

/// <summary>Diffusers' AutoencoderKL as ONNX nodes: each method reads beside the <c>forward</c> of the module whose nodes it writes.</summary>
internal sealed class OnnxAutoencoderKL(AutoencoderKLNetwork network, OnnxLayers layers) : IOnnxForm
{
    public string Encode(string image)
    {
        var moments = Encoder(network.encoder, image, "encoder");
        return network.quant_conv is null ? moments : layers.Convolution(network.quant_conv, moments, "quant_conv");
    }

    public string Decode(string latent)
    {
        var h = network.post_quant_conv is null ? latent : layers.Convolution(network.post_quant_conv, latent, "post_quant_conv");
        return Decoder(network.decoder, h, "decoder");
    }

    private string Encoder(KLEncoder encoder, string image, string name)
    {
        var h = layers.Convolution(encoder.conv_in, image, $"{name}.conv_in");
        for (var i = 0; i < encoder.down_blocks.Count; i++)
        {
            var level = encoder.down_blocks[i];
            h = Resnets(level.resnets, h, $"{name}.down_blocks.{i}");
            h = level.downsamplers is null ? h : layers.HalvingConvolution(level.downsamplers[0].conv, h, $"{name}.down_blocks.{i}.downsamplers.0.conv");
        }

        h = MidBlock(encoder.mid_block, h, $"{name}.mid_block");
        h = layers.SiLU(layers.GroupNorm(encoder.conv_norm_out, h, $"{name}.conv_norm_out"), $"{name}.silu");
        return layers.Convolution(encoder.conv_out, h, $"{name}.conv_out");
    }

    private string Decoder(KLDecoder decoder, string latent, string name)
    {
        var h = layers.Convolution(decoder.conv_in, latent, $"{name}.conv_in");
        h = MidBlock(decoder.mid_block, h, $"{name}.mid_block");
        for (var i = 0; i < decoder.up_blocks.Count; i++)
        {
            var level = decoder.up_blocks[i];
            h = Resnets(level.resnets, h, $"{name}.up_blocks.{i}");
            h = level.upsamplers is null ? h : layers.NearestUpsampling(level.upsamplers[0], h, $"{name}.up_blocks.{i}.upsamplers.0");
        }

        h = layers.SiLU(layers.GroupNorm(decoder.conv_norm_out, h, $"{name}.conv_norm_out"), $"{name}.silu");
        return layers.Convolution(decoder.conv_out, h, $"{name}.conv_out");
    }

    private string MidBlock(KLMidBlock block, string input, string name)
    {
        var h = Resnet(block.resnets[0], input, $"{name}.resnets.0");
        h = block.attentions is null ? h : Attention(block.attentions[0], h, $"{name}.attentions.0");
        return Resnet(block.resnets[1], h, $"{name}.resnets.1");
    }

    private string Resnets(ModuleList<KLResnetBlock> resnets, string input, string name)
    {
        var h = input;
        for (var i = 0; i < resnets.Count; i++)
        {
            h = Resnet(resnets[i], h, $"{name}.resnets.{i}");
        }

        return h;
    }

    private string Resnet(KLResnetBlock block, string input, string name)
    {
        var h = layers.SiLU(layers.GroupNorm(block.norm1, input, $"{name}.norm1"), $"{name}.silu1");
        h = layers.Convolution(block.conv1, h, $"{name}.conv1");
        h = layers.SiLU(layers.GroupNorm(block.norm2, h, $"{name}.norm2"), $"{name}.silu2");
        h = layers.Convolution(block.conv2, h, $"{name}.conv2");
        var skip = block.conv_shortcut is null ? input : layers.Convolution(block.conv_shortcut, input, $"{name}.conv_shortcut");
        return layers.Add(h, skip, name);
    }

    private string Attention(KLAttention attention, string input, string name)
    {
        var normed = layers.GroupNorm(attention.group_norm, input, $"{name}.group_norm");
        var query = layers.Linear(attention.to_q, normed, $"{name}.to_q");
        var key = layers.Linear(attention.to_k, normed, $"{name}.to_k");
        var value = layers.Linear(attention.to_v, normed, $"{name}.to_v");
        var mixed = layers.Attention(query, key, value, attention.to_q.out_features, $"{name}.attention");
        return layers.Add(input, layers.Linear(attention.to_out[0], mixed, $"{name}.to_out.0"), name);
    }
}
