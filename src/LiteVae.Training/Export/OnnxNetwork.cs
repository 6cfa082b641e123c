using TorchSharp;
using TorchSharp.Modules;

namespace LiteVae.Training;

/// <summary>The networks as ONNX graphs: each method reads beside the <c>forward</c> of the module whose nodes it writes.</summary>
internal sealed class OnnxNetwork
{
    private readonly OnnxGraph _graph;
    private readonly OnnxLayers _layers;

    private OnnxNetwork(string name, string description)
    {
        _graph = new OnnxGraph(name, description);
        _layers = new OnnxLayers(_graph);
    }

    /// <summary>The encoder: <c>sample</c> [N, 3, H, W] to <c>latent_parameters</c> [N, 2 nz, H/8, W/8], mean then unclamped log-variance.</summary>
    public static OnnxGraph Encoder(LiteVaeEncoder encoder, int latentChannels)
    {
        var onnx = new OnnxNetwork("litevae_encoder", "LiteVAE encoder: RGB in [-1, 1] to the mean and log variance of the latent.");
        var image = onnx._graph.Input(ModelFolder.EncoderInput, "N", 3, "H", "W");
        var moments = onnx.Encoder(encoder, image, "encoder");
        onnx._graph.Output(ModelFolder.EncoderOutput, moments, "N", 2 * latentChannels, "H/8", "W/8");
        return onnx._graph;
    }

    /// <summary>The decoder: <c>latent_sample</c> [N, nz, h, w] to <c>sample</c> [N, 3, 8h, 8w].</summary>
    public static OnnxGraph Decoder(LiteVaeDecoder decoder, int latentChannels)
    {
        var onnx = new OnnxNetwork("litevae_decoder", "LiteVAE decoder: an unscaled latent to RGB around [-1, 1], not clamped.");
        var latent = onnx._graph.Input(ModelFolder.DecoderInput, "N", latentChannels, "h", "w");
        var image = onnx.Decoder(decoder, latent, "decoder");
        onnx._graph.Output(ModelFolder.DecoderOutput, image, "N", 3, "8h", "8w");
        return onnx._graph;
    }

    private string Encoder(LiteVaeEncoder encoder, string image, string name)
    {
        var low = image;
        var features = new List<string>();
        for (var level = 0; level < LiteVaeEncoder.Levels; level++)
        {
            var bands = _layers.HaarAnalysis(low, $"{name}.wavelet.{level}"); // [N, 12, H/2, W/2], then H/4, H/8
            var extractor = encoder.extract[level % encoder.extract.Count];
            var feature = FeatureUNet(extractor, bands, $"{name}.extract.{level}");
            var pool = 1L << (LiteVaeEncoder.Levels - 1 - level);
            features.Add(pool == 1 ? feature : _layers.AveragePool(feature, $"{name}.pool.{level}", pool));
            low = level < LiteVaeEncoder.Levels - 1 ? _layers.HaarLow(bands, $"{name}.wavelet.{level}.low") : "";
        }

        var moments = FeatureUNet(encoder.aggregate, _layers.Concat(features, $"{name}.features"), $"{name}.aggregate");
        return encoder.quant is null ? moments : _layers.Convolution(encoder.quant, moments, $"{name}.quant");
    }

    private string FeatureUNet(FeatureUNet unet, string input, string name)
    {
        var skips = new Stack<string>();
        var h = _layers.Convolution(unet.stem, input, $"{name}.stem");
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
            h = ResidualBlock(unet.up[i], _layers.Concat([h, skips.Pop()], $"{name}.up.{i}.concat"), $"{name}.up.{i}");
        }

        return _layers.Convolution(unet.head, h, $"{name}.head");
    }

    private string Decoder(LiteVaeDecoder decoder, string latent, string name)
    {
        var h = decoder.postquant is null ? latent : _layers.Convolution(decoder.postquant, latent, $"{name}.postquant");
        h = _layers.Convolution(decoder.stem, h, $"{name}.stem");
        for (var i = 0; i < decoder.mid.Count; i++)
        {
            h = Middle(decoder.mid[i], h, $"{name}.mid.{i}");
        }

        for (var i = 0; i < decoder.up.Count; i++)
        {
            h = DecoderLevel(decoder.up[i], h, $"{name}.up.{i}");
        }

        h = Activate(decoder.norm, h, $"{name}.norm", $"{name}.silu");
        h = _layers.Convolution(decoder.head, h, $"{name}.head");
        return decoder.Output == DecoderOutput.Wavelet ? _layers.HaarSynthesis(h, $"{name}.wavelet") : h;
    }

    private string DecoderLevel(DecoderLevel level, string input, string name)
    {
        var h = input;
        for (var i = 0; i < level.blocks.Count; i++)
        {
            h = ResidualBlock(level.blocks[i], h, $"{name}.blocks.{i}");
        }

        return level.upsample is null ? h : _layers.Convolution(level.upsample, _layers.UpsampleNearest(h, $"{name}.nearest"), $"{name}.upsample");
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
        var skip = block.skip is null ? input : _layers.Convolution(block.skip, input, $"{name}.skip");
        return _layers.Add(h, skip, name);
    }

    private string SelfAttention(SelfAttention attention, string input, string name)
    {
        var normed = _layers.GroupNorm(attention.norm, input, $"{name}.norm");
        var query = _layers.Convolution(attention.query, normed, $"{name}.query");
        var key = _layers.Convolution(attention.key, normed, $"{name}.key");
        var value = _layers.Convolution(attention.value, normed, $"{name}.value");
        var mixed = _layers.Attention(query, key, value, attention.query.out_channels, $"{name}.attention");
        return _layers.Add(input, _layers.Convolution(attention.project, mixed, $"{name}.project"), name);
    }

    private string Activate(GroupNorm? norm, string input, string normName, string siluName)
        => _layers.SiLU(norm is null ? input : _layers.GroupNorm(norm, input, normName), siluName);

    private string Convolution(torch.nn.Module<torch.Tensor, torch.Tensor> module, string input, string name) => module switch
    {
        Conv2d plain => _layers.Convolution(plain, input, name),
        SelfModulatedConv2d modulated => _layers.Convolution(modulated, input, name),
        _ => throw new NotSupportedException($"Module '{name}' is a {module.GetType().Name}, which has no ONNX form here."),
    };
}
