namespace LiteVae.Training;

/// <summary>A network's two halves as ONNX graphs with the conventional names, every size but the channels dynamic.</summary>
internal static class OnnxNetwork
{
    /// <summary>The encoder: <c>sample</c> [N, 3, H, W] to <c>latent_parameters</c> [N, 2 nz, H/f, W/f], mean then unclamped log-variance.</summary>
    public static OnnxGraph Encoder(AutoencoderNetwork network)
    {
        var architecture = network.Architecture;
        var graph = new OnnxGraph("litevae_encoder", $"{Describe(architecture)} encoder: RGB in [-1, 1] to the mean and log variance of the latent.");
        var image = graph.Input(ModelFolder.EncoderInput, "N", 3, "H", "W");
        var moments = Form(network, graph).Encode(image);
        var factor = architecture.DownsamplingFactor;
        graph.Output(ModelFolder.EncoderOutput, moments, "N", 2 * architecture.LatentChannels, $"H/{factor}", $"W/{factor}");
        return graph;
    }

    /// <summary>The decoder: <c>latent_sample</c> [N, nz, h, w] to <c>sample</c> [N, 3, f h, f w].</summary>
    public static OnnxGraph Decoder(AutoencoderNetwork network)
    {
        var architecture = network.Architecture;
        var graph = new OnnxGraph("litevae_decoder", $"{Describe(architecture)} decoder: an unscaled latent to RGB around [-1, 1], not clamped.");
        var latent = graph.Input(ModelFolder.DecoderInput, "N", architecture.LatentChannels, "h", "w");
        var image = Form(network, graph).Decode(latent);
        var factor = architecture.DownsamplingFactor;
        graph.Output(ModelFolder.DecoderOutput, image, "N", 3, $"{factor}h", $"{factor}w");
        return graph;
    }

    private static IOnnxForm Form(AutoencoderNetwork network, OnnxGraph graph) => network switch
    {
        LiteVaeNetwork own => new OnnxLiteVae(own, new OnnxLayers(graph)),
        OpenLiteVaeNetwork open => new OnnxOpenLiteVae(open, new OnnxLayers(graph)),
        AutoencoderKLNetwork kl => new OnnxAutoencoderKL(kl, new OnnxLayers(graph)),
        _ => throw new NotSupportedException($"A {network.GetType().Name} has no ONNX form here."),
    };

    private static string Describe(ModelArchitecture architecture) => architecture switch
    {
        LiteVaeArchitecture => "LiteVAE",
        OpenLiteVaeArchitecture => "open-litevae",
        _ => "AutoencoderKL",
    };
}

/// <summary>Writes the nodes of one kind of network.</summary>
internal interface IOnnxForm
{
    /// <summary>Image to moments.</summary>
    string Encode(string image);

    /// <summary>Latent to image.</summary>
    string Decode(string latent);
}
