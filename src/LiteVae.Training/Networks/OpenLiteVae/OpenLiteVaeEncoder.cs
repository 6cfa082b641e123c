using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>open-litevae's encoder: as LiteVAE's, with its own UNets, and with wavelets of another order and scale.</summary>
internal sealed class OpenLiteVaeEncoder : nn.Module<Tensor, Tensor>
{
    private const int ImageChannels = 3;
    private const int BandChannels = 4 * ImageChannels;

    internal readonly ModuleList<OpenLiteVaeUNet> extractors;
    internal readonly OpenLiteVaeUNet aggregator;

    public OpenLiteVaeEncoder(OpenLiteVaeArchitecture architecture, Device? device)
        : base(nameof(OpenLiteVaeEncoder))
    {
        var shape = architecture.Encoder;
        var nz = architecture.EmbedDim;
        extractors = new ModuleList<OpenLiteVaeUNet>();
        for (var level = 0; level < LiteVaeEncoder.Levels; level++)
        {
            extractors.Add(new OpenLiteVaeUNet(BandChannels, BandChannels, shape.ExtractorChannels, shape.ExtractorMult, shape.ExtractorResblocks, device));
        }

        var output = architecture.UseQuant ? nz : 2 * nz; // with quant_conv it is that which doubles them
        aggregator = new OpenLiteVaeUNet(
            LiteVaeEncoder.Levels * BandChannels, output, shape.AggregateChannels, shape.AggregateMult, shape.AggregateResblocks, device);
        RegisterComponents();
    }

    /// <summary>Images [N, 3, H, W] in [-1, 1], H and W multiples of 8, to [N, 2 nz, H/8, W/8], or [N, nz, H/8, W/8] where quant_conv follows.</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var features = new Tensor[LiteVaeEncoder.Levels];
        var low = x;
        for (var level = 0; level < LiteVaeEncoder.Levels; level++)
        {
            var bands = Wavelet(low);                                   // [N, 12, H/2, W/2], then H/4, H/8
            low = bands.narrow(1, 0, ImageChannels);
            var f = extractors[level].call(bands);
            var pool = 1L << (LiteVaeEncoder.Levels - 1 - level);       // 4, 2, 1
            features[level] = pool == 1 ? f : nn.functional.avg_pool2d(f, pool, pool);
        }

        return aggregator.call(cat(features, 1)).MoveToOuterDisposeScope();
    }

    /// <summary>Orthonormal, not divided by 2; the differences between columns come before those between rows.</summary>
    private static Tensor Wavelet(Tensor x)
    {
        using var scope = NewDisposeScope();
        var parts = HaarWavelet.Forward(x).chunk(4, 1);
        return cat([parts[0], parts[2], parts[1], parts[3]], 1).MoveToOuterDisposeScope();
    }
}
