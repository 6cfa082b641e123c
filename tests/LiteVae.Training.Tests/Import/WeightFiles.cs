using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Import;

/// <summary>Files of weights for the importer: a network's own, as they are or changed.</summary>
internal static class WeightFiles
{
    public static readonly OpenLiteVaeArchitecture TinyOpenLiteVae = new()
    {
        EmbedDim = 4,
        Encoder = new OpenLiteVaeEncoderShape
        {
            ExtractorChannels = 8, ExtractorMult = [1, 2], ExtractorResblocks = 1, AggregateChannels = 8, AggregateMult = [1], AggregateResblocks = 2,
        },
        Decoder = new OpenLiteVaeDecoderShape { Channels = 4, ChannelMult = [1, 2, 2, 3], NumResBlocks = 0 },
    };

    public static readonly AutoencoderKLArchitecture TinyKL = new()
    {
        LatentChannels = 4, BlockOutChannels = [32, 64, 64], LayersPerBlock = 1,
    };

    /// <summary>The tensors of a network with fresh weights.</summary>
    public static List<SafetensorsTensor> Of(ModelArchitecture architecture)
    {
        using var network = AutoencoderNetwork.Create(architecture);
        using var scope = NewDisposeScope();
        return [.. network.state_dict().Select(entry => SafetensorsTensor.FromFloats(entry.Key, entry.Value.shape, entry.Value.detach().contiguous().data<float>().ToArray()))];
    }

    /// <summary>The shapes alone, by name.</summary>
    public static WeightShapes ShapesOf(ModelArchitecture architecture)
    {
        using var network = AutoencoderNetwork.Create(architecture, META);
        return new WeightShapes("test", network.named_parameters().ToDictionary(entry => entry.name, entry => (IReadOnlyList<long>)entry.parameter.shape));
    }
}
