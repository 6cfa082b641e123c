using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LiteVae.Training;

/// <summary>The LiteVAE encoder (paper section 3.1, Figure 2): three wavelet levels, a feature UNet on each, one that aggregates them.</summary>
public sealed class LiteVaeEncoder : nn.Module<Tensor, Tensor>
{
    /// <summary>Wavelet levels; also log2 of the down-sampling factor.</summary>
    internal const int Levels = 3;

    private const int ImageChannels = 3;
    private const int BandChannels = 4 * ImageChannels; // LL, H, V, D: what an extractor reads and writes

    // The posterior starts narrow: at 0, PyTorch's default, the noise drowns the untrained mean and hundreds of steps go by before it shrinks.
    private const double FirstLogVar = -6;

    internal readonly ModuleList<FeatureUNet> extract;
    internal readonly FeatureUNet aggregate;
    internal readonly Conv2d? quant;
    internal readonly Conv2d? linear; // fixed
    internal readonly double Share;

    /// <summary>Creates the encoder of an architecture.</summary>
    public LiteVaeEncoder(LiteVaeArchitecture architecture, Device? device = null)
        : base(nameof(LiteVaeEncoder))
    {
        var shape = architecture.Encoder;
        var moments = 2 * architecture.LatentChannels;
        extract = new ModuleList<FeatureUNet>();
        for (var level = 0; level < (shape.SharedExtractors ? 1 : Levels); level++)
        {
            extract.Add(new FeatureUNet(BandChannels, BandChannels, shape.Extractor, shape.Norm, device));
        }

        aggregate = new FeatureUNet(Levels * BandChannels, moments, shape.Aggregator, shape.Norm, device);
        quant = architecture.LatentConvolutions ? Layers.Conv(moments, moments, device, kernel: 1) : null;
        linear = architecture.LinearCode is null ? null : LinearCode.Analysis(architecture.LatentChannels, device);
        Share = architecture.LinearCode?.NetworkShare ?? 1;
        RegisterComponents();

        var last = quant ?? aggregate.head;
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var first = FirstLogVar.ToScalar();
        last.bias!.narrow(0, architecture.LatentChannels, architecture.LatentChannels).fill_(first);
        if (linear is not null)
        {
            last.weight.narrow(0, 0, architecture.LatentChannels).zero_(); // the mean starts as the linear code's
        }
    }

    /// <summary>Images [N, 3, H, W] in [-1, 1], H and W multiples of 8, to moments [N, 2 nz, H/8, W/8]: mean, then log-variance, unclamped.</summary>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();

        // wavelets: data, not parameters, so nothing flows back through them
        Tensor[] levels;
        using (no_grad())
        {
            levels = HaarWavelet.Levels(x, Levels);                     // [N, 12, H/2, W/2], [N, 12, H/4, W/4], [N, 12, H/8, W/8]
        }

        // features of each level, brought to H/8
        var features = new Tensor[Levels];
        for (var level = 0; level < Levels; level++)
        {
            var f = extract[level % extract.Count].call(levels[level].to(aggregate.stem.weight.dtype)); // the wavelets are exact whatever the weights are in
            var pool = 1L << (Levels - 1 - level);                      // 4, 2, 1
            features[level] = pool == 1 ? f : nn.functional.avg_pool2d(f, pool, pool);
        }

        var moments = aggregate.call(cat(features, 1));                 // [N, 36, H/8, W/8] to [N, 2 nz, H/8, W/8]
        moments = (quant?.call(moments) ?? moments).to(x.dtype);
        if (linear is not null)
        {
            var halves = moments.chunk(2, 1);                           // mean, log-variance
            moments = cat([halves[0].Times(Share).Plus(linear.call(x)), halves[1]], 1);
        }

        return moments.MoveToOuterDisposeScope();
    }
}
